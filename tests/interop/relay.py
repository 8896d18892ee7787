"""A mail relay on aiosmtpd, an SMTP library nobody here wrote: STARTTLS and AUTH are required.

usage: python relay.py --certificate FILE --key FILE --user NAME --password TEXT

Prints {"port": N} when it listens, then one JSON object for each letter, read by Python's own `email` package: envelope, headers,
bodies and files. A recipient whose name starts with "refuse" is refused with 550, one with "later" put off with 451. Ends with
its standard input.
"""

import argparse
import asyncio
import email
import email.policy
import json
import ssl
import sys

from aiosmtpd.smtp import SMTP, AuthResult


def tell(what):
    print(json.dumps(what), flush=True)


def read(content):
    """What the letter says, as another hand reads it."""
    message = email.message_from_bytes(content, policy=email.policy.default)
    files = [
        {"name": part.get_filename(), "type": part.get_content_type(), "hex": part.get_content().hex()
            if isinstance(part.get_content(), bytes) else part.get_content().encode().hex()}
        for part in message.iter_attachments()
    ]
    bodies = {kind: message.get_body((kind,)) for kind in ("plain", "html")}
    return {
        "headers": {name.lower(): str(value) for name, value in message.items()},
        "to": [[address.display_name, address.addr_spec] for address in message["to"].addresses],
        "from": [[address.display_name, address.addr_spec] for address in message["from"].addresses],
        "plain": bodies["plain"].get_content() if bodies["plain"] else None,
        "html": bodies["html"].get_content() if bodies["html"] else None,
        "files": files,
        "defects": [str(defect) for part in message.walk() for defect in part.defects],
    }


class Handler:
    async def handle_RCPT(self, server, session, envelope, address, options):
        if address.startswith("refuse"):
            return "550 5.1.1 nobody of that name"
        if address.startswith("later"):
            return "451 4.3.0 come again"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        told = {"sender": envelope.mail_from, "recipients": envelope.rcpt_tos, "tls": session.ssl is not None,
                "authenticated": session.authenticated}
        tell(told | read(envelope.content))
        return "250 OK"


def main():
    parser = argparse.ArgumentParser()
    for option in ("--certificate", "--key", "--user", "--password"):
        parser.add_argument(option, required=True)
    given = parser.parse_args()
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(given.certificate, given.key)

    def check(server, session, envelope, mechanism, data):
        good = data.login == given.user.encode() and data.password == given.password.encode()
        return AuthResult(success=good, handled=False)

    def session():
        return SMTP(Handler(), tls_context=context, require_starttls=True, auth_required=True, authenticator=check,
                    hostname="localhost", loop=asyncio.get_running_loop())

    asyncio.run(serve(session))


async def serve(session):
    loop = asyncio.get_running_loop()
    server = await loop.create_server(session, "127.0.0.1", 0)
    tell({"port": server.sockets[0].getsockname()[1]})
    await loop.run_in_executor(None, sys.stdin.read)
    server.close()


main()
