"""A mail server and a webhook on loopback that keep what they are sent, and can refuse it."""

from __future__ import annotations

import email
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.policy import default
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socketserver import StreamRequestHandler, ThreadingTCPServer
from typing import Any


@dataclass
class Received:
    """What came, and the port to send to. With `refuses` nothing is taken."""

    port: int = 0
    refuses: bool = False
    mails: list[EmailMessage] = field(default_factory=list)
    posts: list[tuple[str, str, Any]] = field(default_factory=list)
    """Path, content type and JSON of each POST."""


@contextmanager
def mail_server() -> Iterator[Received]:
    """SMTP (RFC 5321) without TLS or login."""
    received = Received()

    class Session(StreamRequestHandler):
        def say(self, line: str) -> None:
            self.wfile.write(f"{line}\r\n".encode())

        def handle(self) -> None:
            self.say("220 loopback")
            for line in self.rfile:
                verb = line[:4].decode("ascii", "replace").upper().strip()
                if verb == "QUIT":
                    return self.say("221 bye")
                if received.refuses and verb == "MAIL":
                    self.say("451 try again later")
                elif verb == "DATA":
                    self.say("354 go on")
                    lines = list(iter(self.rfile.readline, b".\r\n"))
                    message = b"".join(text.removeprefix(b".") if text[:2] == b".." else text for text in lines)
                    received.mails.append(email.message_from_bytes(message, policy=default))
                    self.say("250 kept")
                else:
                    self.say("250 ok")
            return None

    with ThreadingTCPServer(("127.0.0.1", 0), Session) as server, _running(server, received):
        yield received


@contextmanager
def webhook() -> Iterator[Received]:
    """Takes JSON by POST."""
    received = Received()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            if not received.refuses:
                received.posts.append((self.path, self.headers["Content-Type"], json.loads(body)))
            self.send_response(503 if received.refuses else 204)
            self.end_headers()

        def log_message(self, format: str, *args: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server, _running(server, received):
        yield received


@contextmanager
def _running(server: ThreadingTCPServer, received: Received) -> Iterator[None]:
    server.daemon_threads = True
    received.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        thread.join()
