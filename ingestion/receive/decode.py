"""Any declared encoding → valid UTF-8, streaming, broken bytes marked and never fatal.

An undecodable byte becomes U+FFFD; conformance then refuses exactly the records that carry
one (rule `encoding`). Nothing is written to disk: the archive is the only durable place of
raw personal data.
"""

from __future__ import annotations

import codecs
import io
from collections.abc import Callable, Sequence
from typing import BinaryIO

CHUNK_BYTES = 1 << 22
_BOM = "\ufeff"


def _first_error(opened: Callable[[], BinaryIO], encoding: str) -> float:
    """At which byte the encoding stops fitting; infinity where all of it fits."""
    decoder = codecs.getincrementaldecoder(codecs.lookup(encoding).name)()
    done = 0
    with opened() as source:
        while True:
            raw = source.read(CHUNK_BYTES)
            try:
                decoder.decode(raw, final=not raw)
            except UnicodeDecodeError as error:
                return done + error.start
            if not raw:
                return float("inf")
            done += len(raw)


def choose(opened: Callable[[], BinaryIO], encodings: Sequence[str]) -> str:
    """The first encoding that fits the whole stream, else the one that fits longest.

    UTF-8 must be named before GB18030: almost any bytes are some GB18030 text.
    """
    if len(encodings) == 1:
        return encodings[0]
    fits: dict[str, float] = {}
    for encoding in encodings:
        fits[encoding] = _first_error(opened, encoding)
        if fits[encoding] == float("inf"):
            return encoding
    return max(fits, key=lambda name: fits[name])


class Utf8Reader(io.RawIOBase):
    """A file-like that reads `source` in `encoding` and gives UTF-8 bytes."""

    def __init__(self, source: BinaryIO, encoding: str) -> None:
        self._source = source
        name = codecs.lookup(encoding).name
        # The BOM is dropped for every encoding: agencies add and forget it at will.
        self._decoder = codecs.getincrementaldecoder(name)(errors="replace")
        self._at_start = True
        self._done = False
        self._pending = b""

    def readable(self) -> bool:
        return True

    def _fill(self) -> None:
        raw = self._source.read(CHUNK_BYTES)
        self._done = not raw
        text = self._decoder.decode(raw, final=self._done)
        if self._at_start and text:
            text = text.removeprefix(_BOM)
            self._at_start = False
        self._pending += text.encode("utf-8")

    def readinto(self, buffer: bytearray) -> int:  # type: ignore[override]
        while not self._pending and not self._done:
            self._fill()
        size = min(len(buffer), len(self._pending))
        buffer[:size] = self._pending[:size]
        self._pending = self._pending[size:]
        return size
