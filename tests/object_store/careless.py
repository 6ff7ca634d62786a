"""A gateway that hands everything on but the condition of a put, as old gateways do."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

# Without the signature, too: it covers the condition.
_LEFT_OUT = {"if-none-match", "authorization", "x-amz-date", "x-amz-security-token", "host"}


@contextmanager
def gateway(port: int) -> Iterator[int]:
    """In front of the store on that port of loopback; gives its own."""

    class Hands(BaseHTTPRequestHandler):
        def _on(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length") or 0))
            kept = {k: v for k, v in self.headers.items() if k.lower() not in _LEFT_OUT}
            store = HTTPConnection("127.0.0.1", port, timeout=30)
            store.request(self.command, self.path, body=body, headers=kept)
            answer = store.getresponse()
            content = answer.read()
            self.send_response(answer.status)
            for name, value in answer.getheaders():
                if name.lower() not in ("transfer-encoding", "connection", "content-length"):
                    self.send_header(name, value)
            length = answer.getheader("content-length") if self.command == "HEAD" else None
            self.send_header("content-length", length or str(len(content)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(content)
            store.close()

        do_GET = do_PUT = do_POST = do_HEAD = do_DELETE = _on

        def log_message(self, format: str, *args: object) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Hands)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
