// An unmodified MQTT client, npm's mqtt, as a page or an app would use it.
//
// usage: node mqtt.js URL CLIENT_ID USERNAME PASSWORD TOPIC QOS COUNT
//
// Connects, subscribes, prints {"ready": sessionPresent} and then each message as {"topic", "qos", "dup", "json"}, one a
// line; ends after COUNT messages. MQTT_CA is a PEM file with the certificate it trusts. Exit code 0, or 1 with an `error` member.
"use strict";

const mqtt = require("mqtt");

const [url, clientId, username, password, topic, qos, count] = process.argv.slice(2);
const say = (value) => process.stdout.write(JSON.stringify(value) + "\n");
const fail = (error) => {
  say({ error: String(error.code ?? error.message ?? error) });
  process.exit(1);
};

const ca = process.env.MQTT_CA && require("fs").readFileSync(process.env.MQTT_CA);
const options = { protocolVersion: 4, clean: false, keepalive: 10, reconnectPeriod: 0, ca };
const client = mqtt.connect(url, { ...options, clientId, username, password });
let left = Number(count);
client.on("error", fail);
client.on("close", () => left > 0 && fail("closed"));
client.on("connect", (welcome) => {
  client.subscribe(topic, { qos: Number(qos) }, (error, granted) => {
    if (error || granted.some((grant) => grant.qos > 2)) fail(error ?? "not granted");
    say({ ready: welcome.sessionPresent });
    if (left === 0) client.end(false, () => process.exit(0));
  });
});
client.on("message", (from, payload, packet) => {
  say({ topic: from, qos: packet.qos, dup: packet.dup, json: JSON.parse(payload) });
  left -= 1;
  // What acknowledges is written before the goodbye.
  if (left === 0) setImmediate(() => client.end(false, () => process.exit(0)));
});
