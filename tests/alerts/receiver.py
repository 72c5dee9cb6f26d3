"""A mail server and a web server in a process of their own; every message they take is a line of a file.

The path of a web address says how it answers: /ok, /status/N, /redirect, /die (ends the sender instead of answering),
/die-after (answers, then ends the sender), /drip (answers byte by byte, without an end).
"""

import contextlib
import json
import os
import signal
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from aiosmtpd.controller import Controller

LOCK = threading.Lock()


class Kept:
    def __init__(self, folder):
        self.folder = folder

    def note(self, **message):
        with LOCK, (self.folder / "taken.jsonl").open("a", encoding="utf-8") as file:
            file.write(json.dumps(message) + "\n")
            file.flush()
            os.fsync(file.fileno())

    def kill(self):
        os.kill(int((self.folder / "sender.pid").read_text(encoding="utf-8")), signal.SIGKILL)


class Mail:
    def __init__(self, kept):
        self.kept = kept

    async def handle_RCPT(self, server, session, envelope, address, options):  # noqa: N802 (aiosmtpd's)
        if address.startswith("refused"):
            return "550 no such person"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):  # noqa: N802 (aiosmtpd's)
        content = envelope.content.decode("ascii")
        self.kept.note(kind="mail", to=envelope.rcpt_tos, body=content)
        return "250 taken"


def web(kept):
    class Hook(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"])).decode("utf-8")
            down = (kept.folder / "down").exists()
            place = self.path.split("?")[0]
            status = 302 if place == "/redirect" else 503 if down else 200
            if place.startswith("/status/"):
                status = int(place.rpartition("/")[2])
            if status < 300 or place == "/elsewhere":
                key = self.headers["Idempotency-Key"]
                kept.note(kind="web", path=place, body=body, key=key, host=self.headers["Host"])
            if place == "/die":
                kept.kill()
                return
            if place == "/drip":
                self.drip()
                return
            self.send_response(status)
            if status == 302:
                self.send_header("Location", "/elsewhere")
            self.send_header("Content-Length", "0")
            self.end_headers()
            self.wfile.flush()
            if place == "/die-after":
                kept.kill()

        def drip(self):
            with contextlib.suppress(OSError):  # until the sender has had enough
                while True:
                    self.wfile.write(b"H")
                    time.sleep(0.05)

        def log_message(self, *_):
            pass

    return ThreadingHTTPServer(("127.0.0.1", 0), Hook)


def main():
    kept = Kept(Path(sys.argv[1]))
    hooks = web(kept)
    mails = Controller(Mail(kept), hostname="127.0.0.1", port=int(sys.argv[2]))
    mails.start()
    threading.Thread(target=hooks.serve_forever, daemon=True).start()
    print(hooks.server_address[1], flush=True)
    sys.stdin.read()
    mails.stop()
    hooks.shutdown()


if __name__ == "__main__":
    main()
