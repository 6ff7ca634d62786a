"""A store that answers, and says that it failed: its gateway is up, its volumes are not yet."""

from __future__ import annotations

import contextlib
import select
import socket
import socketserver
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

_SAID = (
    b'<?xml version="1.0" encoding="UTF-8"?><Error><Code>InternalError</Code>'
    b"<Message>We encountered an internal error, please try again.</Message></Error>"
)
_FAILURE = (
    b"HTTP/1.1 500 Internal Server Error\r\ncontent-type: application/xml\r\n"
    b"content-length: %d\r\nconnection: close\r\n\r\n" % len(_SAID)
)


@dataclass
class Trouble:
    """In front of a store, on a port of its own; hands bytes on as they come but in trouble."""

    port: int = 0
    until: float = 0.0
    answers: list[float] = field(default_factory=list)

    def begin(self, seconds: float) -> None:
        """From now on, for so long, every question is answered with a failure."""
        self.until = time.monotonic() + seconds

    @property
    def now(self) -> bool:
        return time.monotonic() < self.until


@contextmanager
def troubled(port: int) -> Iterator[Trouble]:
    """In front of the store on that port of loopback."""
    trouble = Trouble()

    class Hands(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            with contextlib.suppress(OSError):
                if trouble.now:
                    _refuse(self.request, trouble)
                else:
                    _hand_on(self.request, port, trouble)

    class Server(socketserver.ThreadingTCPServer):
        allow_reuse_address = True
        daemon_threads = True
        request_queue_size = 128

    server = Server(("127.0.0.1", 0), Hands)
    trouble.port = int(server.server_address[1])
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield trouble
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _refuse(client: socket.socket, trouble: Trouble) -> None:
    asked = b""
    while b"\r\n\r\n" not in asked:
        more = client.recv(65536)
        if not more:
            return
        asked += more
    trouble.answers.append(time.monotonic())
    client.sendall(_FAILURE if asked.startswith(b"HEAD") else _FAILURE + _SAID)
    # Whoever still sends a body shall read the answer, not a connection that was reset.
    client.shutdown(socket.SHUT_WR)
    client.settimeout(2)
    while client.recv(65536):
        pass


def _hand_on(client: socket.socket, port: int, trouble: Trouble) -> None:
    """Both ways, until either ends or trouble begins: then the connection is dropped."""
    with socket.create_connection(("127.0.0.1", port)) as store:
        other = {client: store, store: client}
        while not trouble.now:
            for ready in select.select(list(other), [], [], 0.1)[0]:
                got = ready.recv(65536)
                if not got:
                    return
                other[ready].sendall(got)
