// MQTT 3.1.1 over WebSocket, as far as a reader of one topic needs it: a session that is kept while the page is away.

const SUBPROTOCOL = "mqtt";
const KEEP_ALIVE_S = 10;
// As the contract has it: after a connection that broke, and after one that could not be made.
const AGAIN_MS = 10_000;
const AGAIN_AFTER_FAILURE_MS = 30_000;

const bytes = (text) => new TextEncoder().encode(text);

const string = (text) => {
  const body = bytes(text);
  return [body.length >> 8, body.length & 255, ...body];
};

const packet = (kind, body) => {
  const head = [kind];
  let rest = body.length;
  do {
    const digit = rest % 128;
    rest = Math.floor(rest / 128);
    head.push(rest > 0 ? digit | 128 : digit);
  } while (rest > 0);
  return new Uint8Array([...head, ...body]);
};

// A session of one device. `onmessage(json)` is told of each message once it is acknowledged, `onstate` of "connected",
// "away" and "refused N".
export class Session {
  #socket; #buffer = new Uint8Array(0); #ping; #again; #topic; #seen = new Set();

  constructor(url, who, topic, onmessage, onstate) {
    Object.assign(this, { url, who, onmessage, onstate });
    this.#topic = topic;
    this.#open();
  }

  // Leaves for good; the session waits on the server.
  close() {
    clearTimeout(this.#again);
    this.#again = null;
    const socket = this.#socket;
    this.#socket = null;
    if (socket?.readyState === WebSocket.OPEN) socket.send(packet(0xe0, []));
    socket?.close();
  }

  #open() {
    const socket = new WebSocket(this.url, SUBPROTOCOL);
    socket.binaryType = "arraybuffer";
    this.#socket = socket;
    this.#buffer = new Uint8Array(0);
    let welcomed = false;
    socket.onopen = () => {
      const { clientId, username, password } = this.who;
      const flags = [...string("MQTT"), 4, 0xc0, 0, KEEP_ALIVE_S];
      socket.send(packet(0x10, [...flags, ...string(clientId), ...string(username), ...string(password)]));
    };
    socket.onmessage = ({ data }) => {
      for (const [kind, body] of this.#packets(new Uint8Array(data))) welcomed = this.#take(socket, kind, body) || welcomed;
    };
    socket.onclose = () => {
      clearInterval(this.#ping);
      if (socket !== this.#socket) return;
      this.onstate("away");
      this.#again = setTimeout(() => this.#open(), welcomed ? AGAIN_MS : AGAIN_AFTER_FAILURE_MS);
    };
  }

  // The whole packets there are; packets and WebSocket messages need not begin together.
  *#packets(more) {
    const all = new Uint8Array(this.#buffer.length + more.length);
    all.set(this.#buffer);
    all.set(more, this.#buffer.length);
    let from = 0;
    for (;;) {
      let length = 0, at = from + 1, shift = 1, digit;
      do {
        digit = all[at++];
        length += (digit & 127) * shift;
        shift *= 128;
      } while (digit & 128);
      if (digit === undefined || at + length > all.length) break;
      yield [all[from], all.subarray(at, at + length)];
      from = at + length;
    }
    this.#buffer = all.slice(from);
  }

  // Handles a packet; whether it was the welcome.
  #take(socket, kind, body) {
    switch (kind >> 4) {
      case 2:
        if (body[1] !== 0) {
          this.onstate(`refused ${body[1]}`);
          return false;
        }
        socket.send(packet(0x82, [0, 1, ...string(this.#topic), 1]));
        this.#ping = setInterval(() => socket.send(packet(0xc0, [])), KEEP_ALIVE_S * 1000);
        return true;
      case 9:
        this.onstate(body[2] === 128 ? "refused" : "connected");
        return false;
      case 3:
        this.#deliver(socket, (kind >> 1) & 3, body);
        return false;
      default:
        return false;
    }
  }

  #deliver(socket, quality, body) {
    let at = 2 + (body[0] << 8) + body[1];
    if (quality > 0) {
      socket.send(packet(0x40, [body[at], body[at + 1]]));
      at += 2;
    }
    const message = JSON.parse(new TextDecoder().decode(body.subarray(at)));
    // Quality 1: what was sent and not acknowledged comes again.
    if (message.tid && !message.payload_type && this.#seen.has(message.tid)) return;
    this.#seen.add(message.tid);
    this.onmessage(message);
  }
}
