"""An SMPP client on smpplib, an SMPP library nobody here wrote, against an SMSC of ours.

usage: python esme.py --port PORT [--host 127.0.0.1] [--system-id ID] [--password TEXT] [--wrong-password TEXT]
                      [--source TEXT] [--destination DIGITS] [--no-receipts]

Binds as a transceiver, submits a short text, a text of three parts and a UCS-2 text, waits for all receipts,
probes the link and unbinds. Prints one JSON object: what the library read of every answer. Exit code 0 when the
conversation came to its end, 1 with an `error` member otherwise.
"""

import argparse
import json
import sys
import time

import smpplib.client
import smpplib.consts
import smpplib.exceptions
import smpplib.gsm

TEXTS = ["Your parcel is here", "€ and [brackets]. " * 20, "Посылка ждёт вас"]
LIMIT_S = 20


def arguments():
    parser = argparse.ArgumentParser()
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--system-id", default="bench")
    parser.add_argument("--password", default="bench")
    parser.add_argument("--wrong-password", default="")
    parser.add_argument("--source", default="Waypost")
    parser.add_argument("--destination", default="447700000001")
    parser.add_argument("--no-receipts", action="store_true")
    return parser.parse_args()


def refused_bind(args):
    """The status of a bind with the wrong password."""
    client = smpplib.client.Client(args.host, args.port, timeout=5, allow_unknown_opt_params=True)
    client.connect()
    try:
        client.bind_transceiver(system_id=args.system_id, password=args.wrong_password)
        return 0
    except smpplib.exceptions.PDUError as error:
        return error.args[1]
    finally:
        client.disconnect()


class Conversation:
    """One bound session and what it saw."""

    def __init__(self, args):
        self.args = args
        self.submitted, self.receipts = [], []
        self.client = smpplib.client.Client(args.host, args.port, timeout=1, allow_unknown_opt_params=True)
        self.client.set_message_sent_handler(self.on_sent)
        self.client.set_message_received_handler(self.on_received)

    def on_sent(self, pdu):
        self.submitted.append({"id": text(pdu.message_id), "status": pdu.status})

    def on_received(self, pdu):
        self.receipts.append({
            "source": text(pdu.source_addr), "destination": text(pdu.destination_addr), "esm_class": pdu.esm_class,
            "text": text(pdu.short_message), "receipted_message_id": text(pdu.receipted_message_id),
            "message_state": pdu.message_state,
        })
        return smpplib.consts.SMPP_ESME_ROK

    def run(self):
        self.client.connect()
        bind = self.client.bind_transceiver(system_id=self.args.system_id, password=self.args.password)
        count = sum(self.submit(message) for message in TEXTS)
        wanted = 0 if self.args.no_receipts else count
        self.read_until(lambda: len(self.submitted) == count and len(self.receipts) >= wanted)
        self.client.send_pdu(smpplib.smpp.make_pdu("enquire_link", client=self.client))
        link = self.client.read_pdu().command
        unbind = self.client.unbind().command
        self.client.disconnect()
        return {
            "smsc": text(bind.system_id), "parts": count, "submitted": self.submitted, "receipts": self.receipts,
            "link": link, "unbind": unbind,
        }

    def submit(self, message):
        parts, coding, esm_class = smpplib.gsm.make_parts(message)
        for part in parts:
            self.client.send_message(
                source_addr_ton=smpplib.consts.SMPP_TON_ALNUM, source_addr_npi=smpplib.consts.SMPP_NPI_UNK,
                source_addr=self.args.source, dest_addr_ton=smpplib.consts.SMPP_TON_INTL,
                dest_addr_npi=smpplib.consts.SMPP_NPI_ISDN, destination_addr=self.args.destination,
                short_message=part, data_coding=coding, esm_class=esm_class,
                registered_delivery=0 if self.args.no_receipts else 1,
            )
        return len(parts)

    def read_until(self, done):
        end = time.monotonic() + LIMIT_S
        while not done():
            if time.monotonic() > end:
                raise TimeoutError(f"{len(self.submitted)} responses, {len(self.receipts)} receipts")
            self.client.read_once(auto_send_enquire_link=True)


def text(value):
    return value.decode("latin-1").rstrip("\0") if isinstance(value, bytes) else value


def main():
    args = arguments()
    try:
        told = {"refused_bind": refused_bind(args)} if args.wrong_password else {}
        told.update(Conversation(args).run())
    except Exception as error:  # whatever it was, the caller reads it
        print(json.dumps({"error": f"{type(error).__name__}: {error}"}))
        return 1
    print(json.dumps(told))
    return 0


if __name__ == "__main__":
    sys.exit(main())
