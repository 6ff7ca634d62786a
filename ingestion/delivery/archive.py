"""The archive: the received stream, encrypted to a public key while it is hashed.

`archive/<feed>/<delivery_id>.<format>.age`; a half-written file has a dot name and is swept.
"""

from __future__ import annotations

import hashlib
import io
import os
from pathlib import Path
from typing import BinaryIO

import pyrage

from ingestion import keys, places
from ingestion.delivery.received import Received


class _Hashing(io.RawIOBase):
    """Reads through to a source and hashes what passes."""

    def __init__(self, source: BinaryIO) -> None:
        self._source, self.digest = source, hashlib.sha256()

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        block = self._source.read(size)
        self.digest.update(block)
        return block


def _folder(feed_code: str) -> Path:
    folder = places.archive() / feed_code
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def store(received: Received) -> tuple[Path, str]:
    """Encrypt the stream into a draft file; gives the draft and the content's SHA-256."""
    folder = _folder(received.contract.code)
    draft = folder / f".{os.getpid()}-{os.urandom(4).hex()}.part"
    with received.open() as source, draft.open("wb") as target:
        hashing = _Hashing(source)
        pyrage.encrypt_io(hashing, target, [keys.archive_recipient()])
        target.flush()
        os.fsync(target.fileno())
    return draft, hashing.digest.hexdigest()


def path_of(feed_code: str, delivery_id: str, suffix: str) -> Path:
    """Where a delivery lies in the archive."""
    return places.archive() / feed_code / f"{delivery_id}.{suffix}.age"


def keep(draft: Path, received: Received, delivery_id: str) -> Path:
    """Give the draft its name; a delivery already archived is kept as it is."""
    final = path_of(received.contract.code, delivery_id, received.contract.server.format)
    if final.exists():
        draft.unlink()
    else:
        draft.rename(final)
    return final


def sweep(feed_code: str) -> None:
    """Remove drafts that a killed run left (only one run works on a data home at a time)."""
    folder = places.archive() / feed_code
    if folder.exists():
        for draft in folder.glob(".*.part"):
            draft.unlink(missing_ok=True)


def reopen(path: Path, identity_file: Path | None = None) -> bytes:
    """The clear content of an archived delivery; needs the private key."""
    with path.open("rb") as source:
        clear = io.BytesIO()
        pyrage.decrypt_io(source, clear, [keys.archive_identity(identity_file)])
    return clear.getvalue()
