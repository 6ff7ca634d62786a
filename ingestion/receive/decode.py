"""Any declared encoding → valid UTF-8, streaming, broken bytes marked and never fatal.

An undecodable byte becomes U+FFFD; conformance then refuses exactly the records that carry
one (rule `encoding`). Nothing is written to disk: the archive is the only durable place of
raw personal data.
"""

from __future__ import annotations

import codecs
import io
from typing import BinaryIO

CHUNK_BYTES = 1 << 22
_BOM = "\ufeff"


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
