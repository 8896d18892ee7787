// FCM with its token server, APNs and a Web Push service, on libraries nobody here wrote: node's HTTP/2, jsonwebtoken for
// every signature, http_ece for the browser's side of the encryption.
//
// usage: node clouds.js
//
// Prints one JSON object a line: first `ready` with the addresses and with credentials made now, then one `request` for each
// request: which it was, its headers, and what the libraries read of its tokens and its content. What they cannot read stands
// in `error`, and the request is refused. Ends with its standard input.
"use strict";
const crypto = require("node:crypto");
const http = require("node:http");
const http2 = require("node:http2");
const ece = require("http_ece");
const jwt = require("jsonwebtoken");

const say = (event) => process.stdout.write(JSON.stringify(event) + "\n");
const pem = (key) => key.export({ type: "pkcs8", format: "pem" });

const service = crypto.generateKeyPairSync("rsa", { modulusLength: 2048 });
const team = crypto.generateKeyPairSync("ec", { namedCurve: "P-256" });
const server = crypto.createECDH("prime256v1");
const browser = crypto.createECDH("prime256v1");
server.generateKeys();
browser.generateKeys();
const auth = crypto.randomBytes(16);
const urls = {};

/** The public key of a point, as jsonwebtoken wants it. */
function pointKey(point) {
  const part = (from) => point.subarray(from, from + 32).toString("base64url");
  return crypto.createPublicKey({ key: { kty: "EC", crv: "P-256", x: part(1), y: part(33) }, format: "jwk" });
}

function token(headers, body) {
  const form = new URLSearchParams(body.toString());
  const claims = jwt.verify(form.get("assertion"), service.publicKey, {
    algorithms: ["RS256"], audience: urls.token, issuer: "push@peer.test",
  });
  const told = { grant: form.get("grant_type"), claims, protected: jwt.decode(form.get("assertion"), { complete: true }).header };
  return [told, 200, {}, { access_token: "peer-token", expires_in: 3599, token_type: "Bearer" }];
}

function fcm(headers, body) {
  if (headers.authorization !== "Bearer peer-token") throw new Error("another token");
  return [{ content: JSON.parse(body) }, 200, {}, { name: "projects/peer/messages/1" }];
}

function apns(headers, body) {
  const [scheme, bearer] = headers.authorization.split(" ");
  const claims = jwt.verify(bearer, team.publicKey, { algorithms: ["ES256"], issuer: "TEAM" });
  const told = { scheme, claims, protected: jwt.decode(bearer, { complete: true }).header, content: JSON.parse(body) };
  return [told, 200, { "apns-id": headers["apns-id"] }, null];
}

function web(headers, body) {
  const [, bearer, key] = /^vapid t=([^,]+), k=([^,]+)$/.exec(headers.authorization);
  const claims = jwt.verify(bearer, pointKey(Buffer.from(key, "base64url")), {
    algorithms: ["ES256"], audience: urls.web,
  });
  const text = ece.decrypt(body, { version: "aes128gcm", privateKey: browser, authSecret: auth.toString("base64url") });
  const told = { claims, key, bytes: body.length, content: JSON.parse(text) };
  return [told, 201, { location: `${urls.web}/message/1` }, null];
}

function listen(module, name, read) {
  const far = module.createServer((request, response) => {
    const parts = [];
    request.on("data", (part) => parts.push(part));
    request.on("end", () => {
      const facts = { event: "request", cloud: name, path: request.url, version: request.httpVersion };
      // HTTP/2's own fields are not headers.
      const headers = Object.fromEntries(Object.entries(request.headers).filter(([key]) => !key.startsWith(":")));
      try {
        const [told, status, more, answer] = read(headers, Buffer.concat(parts));
        say({ ...facts, headers, ...told });
        response.writeHead(status, more);
        response.end(answer ? JSON.stringify(answer) : "");
      } catch (error) {
        say({ ...facts, headers, error: String(error) });
        response.writeHead(400);
        response.end();
      }
    });
  });
  return new Promise((resolve) => far.listen(0, "127.0.0.1", () => {
    urls[name] = `http://127.0.0.1:${far.address().port}`;
    resolve();
  }));
}

async function main() {
  await listen(http, "token", token);
  urls.token += "/token";
  await listen(http2, "fcm", fcm);
  await listen(http2, "apns", apns);
  await listen(http, "web", web);
  const base64 = (bytes) => bytes.toString("base64url");
  say({
    event: "ready",
    urls,
    server_key: base64(server.getPublicKey()),
    subscription: {
      endpoint: `${urls.web}/push/peer`, keys: { p256dh: base64(browser.getPublicKey()), auth: base64(auth) },
    },
    secrets: {
      fcm_service_account: {
        project_id: "peer", private_key_id: "peer-key", private_key: pem(service.privateKey),
        client_email: "push@peer.test", token_uri: urls.token,
      },
      apns_key: pem(team.privateKey),
      vapid_private_key: base64(server.getPrivateKey()),
    },
  });
}

process.stdin.on("end", () => process.exit(0)).resume();
main();
