"""Drops that come encrypted, compressed or both → the clear stream, in memory only.

A sender compresses first and encrypts then. What is shortened, changed or made for another key
is `Unreadable`, and so is a small drop that would expand without end. `seal` is the sender's
half.
"""

from __future__ import annotations

import gzip
import io
import secrets as random
import zipfile
import zlib
from collections.abc import Callable
from typing import Any, BinaryIO

import pyrage
import zstandard

from ingestion import places
from ingestion.contract.model import Contract
from ingestion.delivery.decrypted import (
    CIPHERS,
    BadCiphertext,
    buffered,
    decrypted,
    sealed_with,
    unsealed,
)
from ingestion.delivery.received import Received
from ingestion.keys import write_once
from ingestion.receive.text import Unreadable

MAX_CLEAR_BYTES = 1 << 34
MAX_EXPANSION = 200
# Below this much input a high ratio is only a short file that repeats itself.
SMALL_BYTES = 1 << 16
MAX_ZIP_BYTES = 1 << 30
STEP_BYTES = 1 << 12
Opener = Callable[[], BinaryIO]
_TAMPERED = "the encrypted file is shortened, changed or made with another key"
_BROKEN = (EOFError, zlib.error, gzip.BadGzipFile, zstandard.ZstdError, zipfile.BadZipFile)


class _Counting(io.RawIOBase):
    """Passes a compressed stream through and knows how much of it was read."""

    def __init__(self, source: BinaryIO) -> None:
        self._source, self.count = source, 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray) -> int:  # type: ignore[override]
        block = self._source.read(len(buffer))
        buffer[: len(block)] = block
        self.count += len(block)
        return len(block)

    def close(self) -> None:
        self._source.close()
        super().close()


class _Zstd(io.RawIOBase):
    """zstd frames; the library's own reader takes a file cut in a frame for its end."""

    def __init__(self, source: BinaryIO) -> None:
        self._reader = zstandard.ZstdDecompressor(max_window_size=1 << 27)
        self._source, self._clear, self._rest = source, io.BytesIO(), b""
        self._frame: Any = None

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray) -> int:  # type: ignore[override]
        while not (size := self._clear.readinto(buffer)):
            # Small steps: what one step expands to lies in memory.
            block = self._rest or self._source.read(STEP_BYTES)
            self._rest = b""
            if not block:
                if self._frame is not None:
                    raise EOFError
                return 0
            self._frame = self._frame or self._reader.decompressobj()
            self._clear = io.BytesIO(self._frame.decompress(block))
            if self._frame.eof:
                self._rest, self._frame = self._frame.unused_data, None
        return size


class _Bounded(io.RawIOBase):
    """The clear stream with its limits; the compression's errors in our words."""

    def __init__(self, clear: Any, counted: _Counting) -> None:
        self._clear, self._counted, self._given = clear, counted, 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray) -> int:  # type: ignore[override]
        try:
            block = self._clear.read(len(buffer))
        except BadCiphertext as error:
            raise Unreadable(_TAMPERED) from error
        except _BROKEN as error:
            raise Unreadable("the compressed file is shortened or changed") from error
        if not self._counted.count:
            raise Unreadable("the file is empty, its wrapping has not even a beginning")
        self._given += len(block)
        allowed = MAX_EXPANSION * max(self._counted.count, SMALL_BYTES)
        if self._given > min(allowed, MAX_CLEAR_BYTES):
            raise Unreadable(
                f"the compressed file expands beyond {MAX_EXPANSION} times its size "
                f"or {MAX_CLEAR_BYTES >> 30} GiB"
            )
        buffer[: len(block)] = block
        return len(block)

    def close(self) -> None:
        self._clear.close()
        self._counted.close()
        super().close()


def _zip_member(source: BinaryIO) -> BinaryIO:
    content = source.read(MAX_ZIP_BYTES + 1)  # a zip's list stands at its end
    if len(content) > MAX_ZIP_BYTES:
        raise Unreadable(f"the zip file is larger than {MAX_ZIP_BYTES >> 30} GiB")
    try:
        book = zipfile.ZipFile(io.BytesIO(content))
        members = book.infolist()
        if len(members) != 1 or members[0].is_dir():
            raise Unreadable(f"the zip file holds {len(members)} members, one file is declared")
        return book.open(members[0])  # type: ignore[return-value]
    except (zipfile.BadZipFile, RuntimeError, NotImplementedError) as error:
        raise Unreadable("the zip file cannot be opened") from error


def _expand(source: BinaryIO, form: str) -> Any:
    match form:
        case "gzip":
            return gzip.GzipFile(fileobj=source)
        case "zstd":
            return _Zstd(source)
        case "zip":
            return _zip_member(source)
    raise ValueError(f"unknown compression {form!r}: gzip, zip or zstd")


def _decrypt(opened: Opener, scheme: str, name: str) -> Opener:
    # A key that is not there is our failure: the drop waits, it is not refused.
    text = (places.secrets() / name).read_text("utf-8").strip()
    if scheme == "age":
        return decrypted(opened, pyrage.x25519.Identity.from_str(text))
    if scheme not in CIPHERS:
        raise ValueError(f"unknown encryption {scheme!r}: age, {', '.join(CIPHERS)}")
    return unsealed(opened, scheme, bytes.fromhex(text))


def clear(received: Received) -> Opener:
    """A way to open what the delivery holds, as its contract says it is wrapped.

    Reading raises `Unreadable` for a drop that is not whole, opening `FileNotFoundError` for a
    key that is not in the secrets. A drop that is not wrapped is given as it came.
    """
    options = received.contract.server.options
    encryption, compression = options.get("encryption"), options.get("compression")
    if not encryption and not compression:
        return received.open
    opened = received.open
    if encryption:
        opened = _decrypt(opened, encryption["scheme"], encryption["key"])

    def whole() -> BinaryIO:
        try:
            counted = _Counting(opened())
            source = buffered(counted)
            stream = _expand(source, compression) if compression else source
        except BadCiphertext as error:
            raise Unreadable(_TAMPERED) from error
        return buffered(_Bounded(stream, counted))

    return whole


def _compress(content: bytes, form: str) -> bytes:
    match form:
        case "gzip":
            return gzip.compress(content, mtime=0)
        case "zstd":
            return zstandard.ZstdCompressor(write_checksum=True).compress(content)
        case "zip":
            target = io.BytesIO()
            with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as book:
                book.writestr(zipfile.ZipInfo("data"), content, zipfile.ZIP_DEFLATED)
            return target.getvalue()
    raise ValueError(f"unknown compression {form!r}: gzip, zip or zstd")


def seal(contract: Contract, content: bytes) -> bytes:
    """What a sender would lay down: compressed and encrypted as the contract declares.

    The key is made on first use, as the two sides would have agreed on it.
    """
    options = contract.server.options
    if options.get("compression"):
        content = _compress(content, options["compression"])
    encryption = options.get("encryption")
    if not encryption:
        return content
    scheme, path = encryption["scheme"], places.secrets() / encryption["key"]
    if scheme == "age":
        made = str(pyrage.x25519.Identity.generate())
        identity = pyrage.x25519.Identity.from_str(write_once(path, made).strip())
        return bytes(pyrage.encrypt(content, [identity.to_public()]))
    _, size = CIPHERS[scheme]
    key = bytes.fromhex(write_once(path, random.token_hex(size)).strip())
    return sealed_with(scheme, key, content)
