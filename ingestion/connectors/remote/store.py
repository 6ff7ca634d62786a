"""What a folder elsewhere must be able to do."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, BinaryIO, Protocol

PROCESSED = "processed"


@dataclass(frozen=True)
class Entry:
    """A file as the store lists it; `changed` is the store's own time of change, any unit."""

    name: str
    size: int
    changed: int


class Store(Protocol):
    """A folder. Every failure of it is `SourceUnavailable`."""

    def entries(self) -> list[Entry]:
        """The files of the folder, not of folders in it."""

    def entry(self, name: str) -> Entry | None:
        """One file as it is now; None when it is gone."""

    def open(self, entry: Entry) -> BinaryIO:
        """The file from its start."""

    def put_away(self, name: str) -> None:
        """Move a file into `processed/`; one that is gone already is no failure."""

    def close(self) -> None:
        """Let go of connections."""


class Whole(io.RawIOBase):
    """A stream that must end where the listing said, of a file that nobody changes meanwhile."""

    def __init__(
        self, source: BinaryIO, entry: Entry, store: Store, failed: Callable[[str], Exception]
    ) -> None:
        self._source, self._entry, self._store, self._failed = source, entry, store, failed
        self._count = 0

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        block = self._source.read(size)
        self._count += len(block)
        if not block:
            now = self._store.entry(self._entry.name)
            if self._count != self._entry.size or now != self._entry:
                raise self._failed(
                    f"{self._entry.name} changed while it was read: still uploading?"
                )
        return block

    def close(self) -> None:
        self._source.close()
        super().close()


class Told:
    """A library's stream whose failures are told as the store's."""

    def __init__(self, source: Any, call: Callable[[Callable[[], Any]], Any]) -> None:
        self._source, self._call = source, call

    def __enter__(self) -> Told:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def read(self, size: int = -1) -> bytes:
        """As of any binary file; -1 reads to the end."""
        return bytes(self._call(lambda: self._source.read(*(() if size < 0 else (size,)))))

    def close(self) -> None:
        self._source.close()
