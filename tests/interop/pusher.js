// A sender of pushes on libraries nobody here wrote: node's HTTP/2, jsonwebtoken for every signature, http_ece for the content.
//
// usage: node pusher.js <settings and credentials of an app as one JSON object>
//
// Sends one message to each cloud the settings name and prints one JSON object: what each answered. Exit code 0 when all did.
"use strict";
const crypto = require("node:crypto");
const http2 = require("node:http2");
const ece = require("http_ece");
const jwt = require("jsonwebtoken");

const { config, secrets, subscription, device } = JSON.parse(process.argv[2]);

/** One exchange over HTTP/2 by prior knowledge. */
function exchange(url, headers, body) {
  const { origin, pathname } = new URL(url);
  return new Promise((resolve, reject) => {
    const client = http2.connect(origin);
    client.on("error", reject);
    const stream = client.request({ ":method": "POST", ":path": pathname, ...headers });
    const parts = [];
    let head;
    stream.on("response", (got) => { head = got; });
    stream.on("data", (part) => parts.push(part));
    stream.on("error", reject);
    stream.on("end", () => {
      client.close();
      resolve({ status: head[":status"], headers: { ...head }, body: Buffer.concat(parts).toString() });
    });
    stream.end(body);
  });
}

async function fcm() {
  const account = secrets.fcm_service_account;
  const assertion = jwt.sign(
    { scope: "https://www.googleapis.com/auth/firebase.messaging" }, account.private_key,
    { algorithm: "RS256", keyid: account.private_key_id, issuer: account.client_email, audience: account.token_uri, expiresIn: 3600 },
  );
  const form = new URLSearchParams({ grant_type: "urn:ietf:params:oauth:grant-type:jwt-bearer", assertion });
  const given = await fetch(account.token_uri, { method: "POST", headers: { "content-type": "application/x-www-form-urlencoded" }, body: form.toString() });
  const { access_token, token_type } = await given.json();
  const url = `${config.fcm_base_url}/v1/projects/${account.project_id}/messages:send`;
  const message = { token: "peer-device", notification: { title: "T", body: "x" }, data: { tid: "1" }, android: { ttl: "3.5s" } };
  return exchange(url, { authorization: `${token_type} ${access_token}`, "content-type": "application/json" }, JSON.stringify({ message }));
}

function apns() {
  const token = jwt.sign({}, secrets.apns_key, { algorithm: "ES256", keyid: config.apns_key_id, issuer: config.apns_team_id });
  const headers = { authorization: `bearer ${token}`, "apns-topic": config.apns_topic, "apns-push-type": "alert", "apns-priority": "5" };
  return exchange(`${config.apns_base_url}/3/device/${device}`, headers, JSON.stringify({ aps: { alert: "x" } }));
}

function web() {
  const number = Buffer.from(secrets.vapid_private_key, "base64url");
  const ecdh = crypto.createECDH("prime256v1");
  ecdh.setPrivateKey(number);
  const point = ecdh.getPublicKey();
  const part = (from) => point.subarray(from, from + 32).toString("base64url");
  const key = crypto.createPrivateKey({ key: { kty: "EC", crv: "P-256", d: secrets.vapid_private_key, x: part(1), y: part(33) }, format: "jwk" });
  const { origin } = new URL(subscription.endpoint);
  const token = jwt.sign({}, key, { algorithm: "ES256", audience: origin, subject: "mailto:peer@example.com", expiresIn: 3600 });
  const own = crypto.createECDH("prime256v1");
  own.generateKeys();
  const body = ece.encrypt(Buffer.from(JSON.stringify({ alert: "x" })), {
    version: "aes128gcm", privateKey: own, dh: subscription.keys.p256dh, authSecret: subscription.keys.auth,
    salt: crypto.randomBytes(16).toString("base64url"),
  });
  const headers = { authorization: `vapid t=${token}, k=${point.toString("base64url")}`, ttl: "60", "content-encoding": "aes128gcm" };
  return exchange(subscription.endpoint, headers, body);
}

async function main() {
  const told = { fcm: await fcm(), apns: await apns(), web: await web() };
  process.stdout.write(JSON.stringify(told) + "\n");
}

main().catch((error) => {
  process.stdout.write(JSON.stringify({ error: String(error) }) + "\n");
  process.exit(1);
});
