// Both ends of a conversation: a person's client (RT API and MQTT), and a service (Messaging API and its call-backs).
import { Session } from "/demo/chat/mqtt.js";

const at = (id) => document.getElementById(id);
// Awaited by whoever needs them: a module that waits at its top would leave the forms without handlers meanwhile.
const settingsCome = fetch("/demo/chat/settings.json").then((answer) => answer.json());
const person = { session: null, clientId: null, accessToken: null };

const post = async (url, headers, body) => {
  const answer = await fetch(url, {
    method: "POST", headers: { "content-type": "application/json", ...headers }, body: JSON.stringify(body),
  });
  return answer.json();
};

// --- The person.

const deviceId = (user) => {
  const name = `waypost-demo-device-${user}`;
  const known = localStorage.getItem(name) ?? `v2_web_${crypto.randomUUID()}`;
  localStorage.setItem(name, known);
  return known;
};

const call = async (what, body) => {
  const settings = await settingsCome;
  const headers = { secretKey: settings.client_key, accessToken: person.accessToken };
  return post(`/rtmsAPI/api/v3/${settings.app_id}/${what}`, headers, { clientId: person.clientId, ...body });
};

const show = (text, mine, choices) => {
  const line = document.createElement("li");
  if (mine) line.className = "mine";
  line.append(text);
  for (const option of choices?.options ?? []) {
    const button = document.createElement("button");
    button.textContent = option.title;
    button.onclick = async () => {
      line.querySelectorAll("button").forEach((other) => { other.disabled = true; });
      show(option.title, true);
      const { identifier, title, type } = option;
      await call("mo", { interactiveData: { reference: choices.reference, identifier, type, title } });
    };
    line.append(" ", button);
  }
  at("talk").append(line);
  line.scrollIntoView({ block: "nearest" });
};

const receive = async (message) => {
  if (message.payload_type?.startsWith("typing")) {
    at("typing").hidden = message.payload_type !== "typingStart";
    return;
  }
  at("typing").hidden = true;
  show(message.message, message.payload_type === "sentByUser", message.quickreplies);
  if (message.payload_type) return;
  await call("deliveryupdate", { channel: "rt", status: 2, tid: message.tid });
  await call("deliveryupdate", { channel: "rt", status: 3, tid: message.tid });
};

const state = (now) => {
  at("state").value = now;
  for (const field of at("say").elements) field.disabled = now !== "connected";
};

at("join").onsubmit = async (event) => {
  event.preventDefault();
  const userId = at("user").value;
  const settings = await settingsCome;
  person.session?.close();
  at("talk").replaceChildren();
  const registered = await post(`/rtmsAPI/api/v3/${settings.app_id}/register`, { secretKey: settings.client_key }, {
    tenant: "1", userId, channel: "rt", channelType: "web", deviceId: deviceId(userId),
    data: { update: { os: "web", language: navigator.language, useragent: "waypost demo" } },
  });
  if (registered.code !== "0") {
    state(`refused: ${registered.description}`);
    return;
  }
  Object.assign(person, { clientId: registered.clientId, accessToken: registered.accessToken });
  at("to").value = userId;
  const { ip, ws, path } = registered.broker;
  const topic = `${settings.app_id}/${userId}`;
  const who = {
    clientId: `${registered.clientId}/at_${registered.accessToken}`, username: topic, password: settings.client_key,
  };
  person.session = new Session(`ws://${ip}:${ws}${path}`, who, topic, receive, state);
};

at("say").onsubmit = async (event) => {
  event.preventDefault();
  const text = at("words").value;
  at("words").value = "";
  show(text, true);
  await call("mo", { message: text });
};

let typedAt = 0;
at("words").oninput = () => {
  const now = Date.now();
  if (now - typedAt < 5_000) return;
  typedAt = now;
  void call("mo", { type: "typingStart" });
};

// --- The service.

at("answer").onsubmit = async (event) => {
  event.preventDefault();
  const message = { text: at("text").value };
  if (at("choices").checked) {
    const option = (identifier, title) => ({ type: "quickReplyPostback", identifier, title, payload: identifier });
    message.quickreplies = { reference: "demo", options: [option("yes", "Yes"), option("no", "No")] };
  }
  const settings = await settingsCome;
  const answer = await post("/resources/v1/messaging", { key: settings.service_key }, {
    deliverychannel: "rt", channels: { appmessaging: { message } }, destination: [{ userid: [at("to").value] }],
  });
  const unit = [answer.response].flat()[0] ?? answer;
  at("answered").value = `${unit.code} ${unit.description}`;
  at("text").value = "";
};

const describe = ({ body }) => {
  const told = body.deliveryInfoNotification?.deliveryInfo;
  if (told) return `${told.destination}: ${told.code} ${told.Description}`;
  const pressed = body.interactiveData && JSON.parse(body.interactiveData);
  return `${body.userId}: ${body.event} ${pressed?.title ?? body.message ?? ""}${body.type ?? ""}`;
};

let newest = 0;
const look = async () => {
  const received = await (await fetch(`/demo/chat/received?after=${newest}`)).json();
  for (const one of received) {
    newest = one.at_us;
    const line = document.createElement("li");
    line.textContent = describe(one);
    at("told").prepend(line);
  }
  while (at("told").childElementCount > 100) at("told").lastElementChild.remove();
};
for (;;) {
  await look().catch(() => {});
  await new Promise((later) => setTimeout(later, 500));
}
