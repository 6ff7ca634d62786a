"""What a write needs to outlive a crash, and to know what it wrote.

Standard library only: Superset's environment reads it, too.
"""

from __future__ import annotations

import hashlib
import io
import os
from pathlib import Path
from typing import BinaryIO


def settle(folder: Path) -> None:
    """Bring a folder's entries to the disk: a rename or a new file in it then outlives a crash."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


class Hashing(io.RawIOBase):
    """Reads through to a source; hashes and counts the bytes that pass."""

    def __init__(self, source: BinaryIO) -> None:
        self._source, self.digest, self.size = source, hashlib.sha256(), 0

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        block = self._source.read(size)
        self.digest.update(block)
        self.size += len(block)
        return block
