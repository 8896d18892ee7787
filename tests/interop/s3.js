// An S3 store nobody here wrote (s3rver), which checks signatures. Says where it is in one line of JSON; ends with its standard input.
'use strict';

const fs = require('fs');
const os = require('os');
const path = require('path');
const S3rver = require('s3rver');

const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'waypost-s3-'));
const store = new S3rver({
  address: '127.0.0.1',
  port: 0,
  silent: true,
  directory,
  configureBuckets: [{ name: 'permits' }],
});

async function end() {
  await store.close();
  fs.rmSync(directory, { recursive: true, force: true });
  process.exit(0);
}

store.run().then((address) => {
  console.log(JSON.stringify({ url: `http://127.0.0.1:${address.port}/permits/waypost`, key_id: 'S3RVER', secret: 'S3RVER' }));
  process.stdin.resume();
  process.stdin.on('end', end);
});
