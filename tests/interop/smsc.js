// An SMSC on node-smpp, an SMPP library nobody here wrote.
//
// usage: node smsc.js [--password TEXT] [--receipts after|before|none] [--receipt-id same|decimal]
//                     [--throttle N] [--drop-after N] [--inbound TEXT]
//
// Every line of standard output is one JSON object with an `event`:
//   ready {port}                  listening on loopback
//   bind {command, system_id, interface_version, ok}
//   submit {source, destination, source_ton, dest_ton, data_coding, esm_class, registered_delivery,
//           validity_period, udh, text, message_id, status}      text as node-smpp decodes it, udh in hex
//   deliver_resp {message_id, status}                            the answer to a receipt or inbound message
//   unbind {}, closed {}, fault {why}
// Ends when its standard input ends.
'use strict';

const smpp = require('smpp');

const options = parse(process.argv.slice(2));
let serial = 0xa0000000;
let submits = 0;

function parse(args) {
  const known = { password: 'secret', receipts: 'after', 'receipt-id': 'same', throttle: '0', 'drop-after': '0', inbound: '' };
  for (let i = 0; i < args.length; i += 2) {
    const name = args[i].replace(/^--/, '');
    if (!(name in known) || i + 1 >= args.length) throw new Error(`unknown or incomplete option ${args[i]}`);
    known[name] = args[i + 1];
  }
  return known;
}

function say(event, fields) {
  process.stdout.write(JSON.stringify({ event, ...fields }) + '\n');
}

function bind(session, pdu) {
  const ok = pdu.password === options.password;
  say('bind', { command: pdu.command, system_id: pdu.system_id, interface_version: pdu.interface_version, ok });
  if (!ok) {
    session.send(pdu.response({ command_status: smpp.ESME_RBINDFAIL }));
    session.close();
    return;
  }
  session.send(pdu.response({ system_id: 'node-smpp', sc_interface_version: 0x34 }));
  if (options.inbound) {
    deliver(session, null, {
      source_addr: '447700000099', destination_addr: 'Waypost', short_message: options.inbound,
    });
  }
}

function submit(session, pdu) {
  submits += 1;
  if (submits <= Number(options.throttle)) {
    note(pdu, null, smpp.ESME_RTHROTTLED);
    session.send(pdu.response({ command_status: smpp.ESME_RTHROTTLED }));
    return;
  }
  const value = serial++;
  const id = value.toString(16);
  note(pdu, id, 0);
  if (Number(options['drop-after']) === submits) {
    session.destroy();
    return;
  }
  const wanted = options.receipts !== 'none' && (pdu.registered_delivery & 3) === 1;
  const told = options['receipt-id'] === 'decimal' ? String(value) : id;
  if (wanted && options.receipts === 'before') receipt(session, pdu, told);
  session.send(pdu.response({ message_id: id }));
  if (wanted && options.receipts === 'after') receipt(session, pdu, told);
}

function note(pdu, id, status) {
  const message = pdu.short_message || {};
  const text = message.message && message.message.length ? message.message : pdu.message_payload || '';
  say('submit', {
    source: pdu.source_addr, destination: pdu.destination_addr, source_ton: pdu.source_addr_ton,
    dest_ton: pdu.dest_addr_ton, data_coding: pdu.data_coding, esm_class: pdu.esm_class,
    registered_delivery: pdu.registered_delivery, validity_period: String(pdu.validity_period || ''),
    udh: (message.udh || []).map((element) => element.toString('hex')).join(''),
    text: typeof text === 'object' && text.message !== undefined ? text.message : text,
    message_id: id, status,
  });
}

function receipt(session, pdu, id) {
  deliver(session, id, {
    source_addr: pdu.destination_addr, source_addr_ton: 1, source_addr_npi: 1, destination_addr: pdu.source_addr,
    esm_class: smpp.ESM_CLASS.MC_DELIVERY_RECEIPT,
    short_message: `id:${id} sub:001 dlvrd:001 submit date:2601010000 done date:2601010000 stat:DELIVRD err:000 text:`,
    receipted_message_id: id, message_state: smpp.MESSAGE_STATE.DELIVERED,
  });
}

function deliver(session, id, fields) {
  session.deliver_sm(fields, (answer) => {
    say('deliver_resp', { message_id: id, status: answer.command_status });
  });
}

const server = smpp.createServer((session) => {
  session.on('bind_transceiver', (pdu) => bind(session, pdu));
  session.on('bind_transmitter', (pdu) => bind(session, pdu));
  session.on('bind_receiver', (pdu) => bind(session, pdu));
  session.on('submit_sm', (pdu) => submit(session, pdu));
  session.on('enquire_link', (pdu) => session.send(pdu.response()));
  session.on('unbind', (pdu) => {
    say('unbind', {});
    session.send(pdu.response());
    session.close();
  });
  session.on('close', () => say('closed', {}));
  session.on('error', (error) => say('fault', { why: String(error) }));
});

server.listen(0, '127.0.0.1', () => say('ready', { port: server.address().port }));
process.stdin.resume();
process.stdin.on('end', () => process.exit(0));
