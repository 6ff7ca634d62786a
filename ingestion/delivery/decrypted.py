"""Ciphertext as an ordinary stream of what it hides, in bounded memory.

Nothing comes out that is not authenticated. age does so for each 64 KiB; its library pushes
into a writer while readers pull, so one thread and one pipe lie between. An AES or SM4 file has
one tag at its end, so it is read twice, the first time only to see that the tag holds.
"""

from __future__ import annotations

import contextlib
import io
import os
import secrets as random
import threading
from collections.abc import Callable
from typing import Any, BinaryIO

import pyrage
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

BLOCK_BYTES = 1 << 20
NONCE_BYTES, TAG_BYTES = 12, 16
# The block cipher of each scheme and the bytes of its key.
CIPHERS: dict[str, tuple[Callable[[bytes], Any], int]] = {
    "aes-256-gcm": (algorithms.AES, 32),
    "sm4-gcm": (algorithms.SM4, 16),
}


def buffered(raw: io.RawIOBase) -> BinaryIO:
    """A raw reader of ours as an ordinary binary file."""
    return io.BufferedReader(raw, BLOCK_BYTES)


class BadCiphertext(OSError):
    """Not age, made for another key, shortened or changed."""


class _Pipe(io.RawIOBase):
    """The reading end; the thread's failure is raised where the data would have ended."""

    def __init__(self, source: BinaryIO, identity: pyrage.x25519.Identity) -> None:
        self._source, self._identity = source, identity
        self._failure: Exception | None = None
        reading, writing = os.pipe()
        self._end = os.fdopen(reading, "rb", buffering=0)
        self._thread = threading.Thread(target=self._decrypt, args=(writing,), daemon=True)
        self._thread.start()

    def _decrypt(self, writing: int) -> None:
        with contextlib.suppress(BrokenPipeError), os.fdopen(writing, "wb", buffering=0) as target:
            try:
                pyrage.decrypt_io(self._source, target, [self._identity])
            except BrokenPipeError:
                return  # the reader has closed: it wants no more
            except Exception as error:
                self._failure = error

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray) -> int:  # type: ignore[override]
        count = self._end.readinto(buffer) or 0
        if count == 0:
            self._thread.join()
            failure = self._failure
            if isinstance(failure, OSError) and failure.errno is not None:
                raise failure  # the disk's failure, not the file's
            if failure is not None:
                raise BadCiphertext("the file cannot be decrypted") from failure
        return count

    def close(self) -> None:
        if not self.closed:
            self._end.close()
            self._thread.join()
            self._source.close()
        super().close()


def decrypted(
    opened: Callable[[], BinaryIO], identity: pyrage.x25519.Identity
) -> Callable[[], BinaryIO]:
    """A way to open the clear content; `BadCiphertext` while reading what is not whole."""
    return lambda: buffered(_Pipe(opened(), identity))


class _Unsealing(io.RawIOBase):
    """nonce + ciphertext + tag → clear bytes; the tag is judged where they end."""

    def __init__(self, source: BinaryIO, cipher: Callable[[bytes], Any], key: bytes) -> None:
        self._source = source
        nonce, self._held = source.read(NONCE_BYTES), b""
        if len(nonce) != NONCE_BYTES:
            raise BadCiphertext("shorter than its nonce")
        self._cipher = Cipher(cipher(key), modes.GCM(nonce)).decryptor()
        self._clear = io.BytesIO()
        self._done = False

    def readable(self) -> bool:
        return True

    def _fill(self) -> None:
        block = self._source.read(BLOCK_BYTES)
        held = self._held + block
        if block:
            self._clear = io.BytesIO(self._cipher.update(held[:-TAG_BYTES]))
            self._held = held[-TAG_BYTES:]
            return
        self._done = True
        try:
            if len(held) != TAG_BYTES:
                raise InvalidTag
            self._clear = io.BytesIO(self._cipher.finalize_with_tag(held))
        except InvalidTag as error:
            raise BadCiphertext("the tag does not hold") from error

    def readinto(self, buffer: bytearray) -> int:  # type: ignore[override]
        while not (size := self._clear.readinto(buffer)) and not self._done:
            self._fill()
        return size

    def close(self) -> None:
        self._source.close()
        super().close()


def unsealed(opened: Callable[[], BinaryIO], scheme: str, key: bytes) -> Callable[[], BinaryIO]:
    """As `decrypted`, for a scheme of `CIPHERS`: nonce, ciphertext, tag."""
    cipher, size = CIPHERS[scheme]
    if len(key) != size:
        raise ValueError(f"a key of {scheme} has {size} bytes, not {len(key)}")

    def verified() -> BinaryIO:
        with _Unsealing(opened(), cipher, key) as first:
            while first.read(BLOCK_BYTES):
                pass
        return buffered(_Unsealing(opened(), cipher, key))

    return verified


def sealed_with(scheme: str, key: bytes, content: bytes) -> bytes:
    """nonce + ciphertext + tag of `content`."""
    nonce = random.token_bytes(NONCE_BYTES)
    encryptor = Cipher(CIPHERS[scheme][0](key), modes.GCM(nonce)).encryptor()
    return bytes(nonce + encryptor.update(content) + encryptor.finalize() + encryptor.tag)
