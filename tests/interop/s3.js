// An S3 store nobody here wrote (s3rver), behind a check of every signature by a signer nobody here wrote (aws4). Says where it is
// in one line of JSON; ends with its standard input.
'use strict';

const aws4 = require('aws4');
const fs = require('fs');
const http = require('http');
const os = require('os');
const path = require('path');
const S3rver = require('s3rver');

const credentials = { accessKeyId: 'S3RVER', secretAccessKey: 'S3RVER' };
const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'waypost-s3-'));
const store = new S3rver({ silent: true, directory, configureBuckets: [{ name: 'permits' }] });

// The signature as the other signer makes it of what came; empty when there is none to compare with.
function expected(request) {
  const said = /Credential=([^/]+)\/\d{8}\/([^/]+)\/s3\/aws4_request,SignedHeaders=([^,]+),/.exec(request.headers.authorization || '');
  if (!said || said[1] !== credentials.accessKeyId) return '';
  const headers = {};
  // It looks for what it needs under these names.
  const titled = (name) => name.replace(/(^|-)[a-z]/g, (start) => start.toUpperCase());
  for (const name of said[3].split(';')) headers[titled(name)] = request.headers[name];
  const signed = { service: 's3', region: said[2], method: request.method, path: request.url, headers };
  return aws4.sign(signed, credentials).headers.Authorization.split('Signature=')[1];
}

const answer = store.callback();
const server = http.createServer((request, response) => {
  const given = (request.headers.authorization || '').split('Signature=')[1];
  if (given && given === expected(request)) return answer(request, response);
  request.resume();
  response.writeHead(403, { 'content-type': 'application/xml' });
  return response.end('<?xml version="1.0"?><Error><Code>SignatureDoesNotMatch</Code><Message>no</Message></Error>');
});

process.stdin.resume();
process.stdin.on('end', () => {
  fs.rmSync(directory, { recursive: true, force: true });
  process.exit(0);
});
store.configureBuckets().then(() => {
  server.listen(0, '127.0.0.1', () => {
    const url = `http://127.0.0.1:${server.address().port}/permits/waypost`;
    console.log(JSON.stringify({ url, key_id: credentials.accessKeyId, secret: credentials.secretAccessKey }));
  });
});
