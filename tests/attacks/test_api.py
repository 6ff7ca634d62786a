"""An interface that answers without end, or was taken over: memory and time stay bounded."""

from __future__ import annotations

import gzip
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from ingestion.connectors import SourceUnavailable, paging, session
from ingestion.contract import Contract
from tests.attacks.limits import peak_of, within
from tests.connectors.feeds import feed, receipts_n, row, secret, take

Answer = Callable[[BaseHTTPRequestHandler], None]
HALF_GIB = 500 << 20


@contextmanager
def serving(answer: Answer) -> Iterator[str]:
    """A real server on loopback."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            try:
                answer(self)
            except (BrokenPipeError, ConnectionResetError):
                self.close_connection = True  # the reader had enough

        def log_message(self, *_: object) -> None:
            """Nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


@pytest.fixture
def of(home: Path, tmp_path: Path) -> Callable[..., Contract]:
    """The feed over an address, in a style of paging."""
    secret("attack-key", {"value": "k"})

    def made(address: str, **style: str) -> Contract:
        return feed(
            tmp_path, "api", f"{address}/rows",
            auth={"style": "header", "header": "X-Key", "credential": "attack-key"},
            window={"from": "since", "to": "until"},
            paging={"page_size": 100, "size": "size", "rows": "rows", **style},
        )  # fmt: skip

    return made


CURSOR = {"style": "cursor", "cursor": "after", "next": "next"}
COUNTED = {"style": "page", "page": "page", "total": "total"}


def body(handler: BaseHTTPRequestHandler, content: bytes, **headers: str) -> None:
    handler.send_response(200)
    for name, value in {"Content-Length": str(len(content)), **headers}.items():
        handler.send_header(name.replace("_", "-"), value)
    handler.end_headers()
    handler.wfile.write(content)


def refused(contract: Contract, why: str) -> int:
    """The feed is refused by that reason, nothing is written; how much memory that took."""
    with within(60), peak_of() as grown, pytest.raises(SourceUnavailable, match=why):
        take(contract)
    assert receipts_n(contract) == 0
    return grown()


def declared(handler: BaseHTTPRequestHandler) -> None:
    """500 MB by Content-Length."""
    handler.send_response(200)
    handler.send_header("Content-Length", str(HALF_GIB))
    handler.end_headers()
    for _ in range(HALF_GIB >> 20):
        handler.wfile.write(b" " * (1 << 20))


def chunked(handler: BaseHTTPRequestHandler) -> None:
    """500 MB in pieces, with no length said before."""
    handler.send_response(200)
    handler.send_header("Transfer-Encoding", "chunked")
    handler.end_headers()
    piece = b"%x\r\n" % (1 << 20) + b" " * (1 << 20) + b"\r\n"
    for _ in range(HALF_GIB >> 20):
        handler.wfile.write(piece)
    handler.wfile.write(b"0\r\n\r\n")


BOMB = gzip.compress(b" " * HALF_GIB, 9)


def unfolding(handler: BaseHTTPRequestHandler) -> None:
    """500 KB that unfold to 500 MB."""
    body(handler, BOMB, Content_Encoding="gzip")


@pytest.mark.parametrize("answer", [declared, chunked, unfolding])
def test_a_page_of_half_a_gigabyte_is_not_read_to_its_end(
    of: Callable[..., Contract], answer: Answer
) -> None:
    with serving(answer) as address:
        grown = refused(of(address, **CURSOR), "larger than 64 MiB")
    assert grown < 200 << 20


def test_pages_without_end_are_left_when_they_are_too_much(of: Callable[..., Contract]) -> None:
    words = "x" * (1 << 23)

    def answer(handler: BaseHTTPRequestHandler) -> None:
        after = int(parse_qs(urlsplit(handler.path).query).get("after", ["0"])[0])
        page = {"rows": [row(after, words=words)], "next": str(after + 1)}
        body(handler, json.dumps(page).encode())

    with serving(answer) as address:
        grown = refused(of(address, **CURSOR), "hold more than 256 MiB")
    assert grown < 700 << 20


def test_a_total_without_end_is_left_after_so_many_pages(
    of: Callable[..., Contract], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(paging, "MAX_PAGES", 10)  # a hundred thousand would be minutes
    asked: list[int] = []

    def answer(handler: BaseHTTPRequestHandler) -> None:
        page = int(parse_qs(urlsplit(handler.path).query)["page"][0])
        asked.append(page)
        body(handler, json.dumps({"rows": [row(page)], "total": 10**12}).encode())

    with serving(answer) as address:
        refused(of(address, **COUNTED), "never made one whole")
    assert max(asked) == 10


def test_an_answer_that_drips_is_left(
    of: Callable[..., Contract], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(session, "MAX_PAGE_SECONDS", 1.0)
    gone = threading.Event()

    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", "100000")
        handler.end_headers()
        while not gone.wait(0.1):
            handler.wfile.write(b" ")

    with serving(answer) as address:
        refused(of(address, **CURSOR), "took longer than 1 s")
        gone.set()


@pytest.mark.parametrize(
    "content", [b"[" * 1_000_000, b'{"rows": ' + b'{"a":' * 500_000], ids=["lists", "objects"]
)
def test_nested_json_is_no_crash(
    of: Callable[..., Contract], monkeypatch: pytest.MonkeyPatch, content: bytes
) -> None:
    monkeypatch.setattr(session, "ATTEMPTS", 1)
    with serving(lambda handler: body(handler, content)) as address:
        refused(of(address, **CURSOR), "not JSON")
