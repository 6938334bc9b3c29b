#!/usr/bin/python3
"""A real SMTP server that delivers nothing: every mail it takes becomes a file.

usage: smtp-sink.py --dir FOLDER [--port N] [--cert FILE --key FILE [--require-tls]] [--user NAME --password WORD]

Prints "listening PORT" once it does. Files are named NUMBER-RECIPIENT.eml, in the order in which they were taken, and appear whole.
For tests, the part of a recipient's address before the @ says how the server behaves:

  busy-N-…    refuses the recipient N times with 451, then takes it      refuse-…    refuses the recipient with 550
  later-N-…   refuses the message N times with 452 after its last byte   never-…     refuses the message with 554 after its last byte
  slow-N-…    takes N seconds to say that it has taken the message       drop-…      takes the message and hangs up without a word
"""

import argparse
import asyncio
import collections
import itertools
import os
import re
import signal
import ssl
import sys

from aiosmtpd.smtp import SMTP, AuthResult


class Sink:
    def __init__(self, folder):
        self.folder = folder
        self.numbers = itertools.count(1 + len(os.listdir(folder)))
        self.refused = collections.Counter()

    def refuses(self, address, word):
        """Whether an address such as busy-2-ada is to be refused once more."""
        match = re.match(word + r"-(\d+)-", address)
        if match and self.refused[address] < int(match.group(1)):
            self.refused[address] += 1
            return True
        return False

    async def handle_RCPT(self, server, session, envelope, address, options):
        if self.refuses(address, "busy"):
            return "451 4.2.1 Busy, try again later"
        if address.startswith("refuse-"):
            return "550 5.1.1 There is no such mailbox"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        address = envelope.rcpt_tos[0]
        if self.refuses(address, "later"):
            return "452 4.3.1 No room right now"
        if address.startswith("never-"):
            return "554 5.7.1 This message is not wanted"
        safe = re.sub(r"[^A-Za-z0-9@._+-]", "_", address)
        name = os.path.join(self.folder, f"{next(self.numbers):05d}-{safe}.eml")
        with open(name + ".part", "wb") as file:
            file.write(envelope.original_content)
        os.rename(name + ".part", name)
        if address.startswith("drop-"):
            server.transport.abort()
        if match := re.match(r"slow-(\d+)-", address):
            await asyncio.sleep(int(match.group(1)))
        return "250 Taken"


async def serve(options):
    os.makedirs(options.dir, exist_ok=True)
    sink = Sink(options.dir)
    how = {"hostname": "sink.localdomain", "enable_SMTPUTF8": True}
    if options.cert:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(options.cert, options.key)
        how |= {"tls_context": context, "require_starttls": options.require_tls}
    if options.user:

        def check(server, session, envelope, mechanism, data):
            good = data.login == options.user.encode() and data.password == options.password.encode()
            # Not handled: the server is to say that it was wrong.
            return AuthResult(success=good, handled=False)

        how |= {"authenticator": check, "auth_required": True, "auth_require_tls": bool(options.cert)}
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: SMTP(sink, **how), options.host, options.port)
    print("listening", server.sockets[0].getsockname()[1], flush=True)
    ended = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, ended.set)
    await ended.wait()
    server.close()


def main():
    parser = argparse.ArgumentParser(description="A real SMTP server that delivers nothing.")
    parser.add_argument("--dir", required=True)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--cert")
    parser.add_argument("--key")
    parser.add_argument("--require-tls", action="store_true")
    parser.add_argument("--user")
    parser.add_argument("--password", default="")
    asyncio.run(serve(parser.parse_args()))


if __name__ == "__main__":
    sys.exit(main())
