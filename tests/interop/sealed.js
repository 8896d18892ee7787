// Payload encryption as a client has it, by node's own crypto: base64 of IV and AES-256-CBC, key in base64.
//
// usage: node sealed.js open KEY TEXT    prints what is in {"encrypted": …}
//        node sealed.js seal KEY PLAIN   prints {"encrypted": …}
"use strict";

const { createCipheriv, createDecipheriv, randomBytes } = require("crypto");

const [what, key64, text] = process.argv.slice(2);
const key = Buffer.from(key64, "base64");
if (what === "open") {
  const bytes = Buffer.from(JSON.parse(text).encrypted, "base64");
  const cipher = createDecipheriv("aes-256-cbc", key, bytes.subarray(0, 16));
  process.stdout.write(Buffer.concat([cipher.update(bytes.subarray(16)), cipher.final()]));
} else {
  const iv = randomBytes(16);
  const cipher = createCipheriv("aes-256-cbc", key, iv);
  const encrypted = Buffer.concat([iv, cipher.update(text, "utf8"), cipher.final()]).toString("base64");
  process.stdout.write(JSON.stringify({ encrypted }));
}
