"""Appending to a book of the log: one writer at a time, whatever process it is in.

A book is a chain over monthly files, `ops/access/<book>-YYYY-MM.ndjson`. `access` keeps who looked
(网络安全法 第21条: at least six months), `provision` what left (网络数据安全管理条例 第12条: three
years). The kernel's lock is let go when its holder dies, so a killed writer blocks nobody; what it
left half written is closed off by the next record and told by it, never cut away.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ingestion import clock, places
from ingestion.access import anchor
from ingestion.access.record import GENESIS, Access, Entry, Line, decode, encode, fields
from ingestion.durable import settle

REPAIRED, BROKEN, EXPIRED = "log.repaired", "log.broken", "log.expired"
_FIRST = Entry(0, GENESIS)
_TAIL_BYTES = 1 << 16  # more than the longest record


class NotLogged(RuntimeError):
    """The access could not be written down; whoever asked must not be answered."""


def folder() -> Path:
    """Where the books lie."""
    return places.ops() / "access"


@dataclass(frozen=True)
class _Tail:
    """How a book ends: its newest file, the last whole record, and what stands after it."""

    file: str | None
    size: int
    last: Line | None
    torn: bytes


@dataclass(frozen=True)
class Book:
    """One chain of records."""

    name: str
    kept_days: int

    def files(self) -> list[Path]:
        """The book's files, oldest first."""
        return sorted(folder().glob(f"{self.name}-[0-9][0-9][0-9][0-9]-[0-9][0-9].ndjson"))

    def append(self, access: Access, *, durable: bool = True) -> Entry:
        """Write one record; raises `NotLogged`.

        `durable` waits for the disk, so that the record outlives a fall of the machine. Pages do
        not wait: theirs outlives a fall of the process.
        """
        now = clock.instant()
        try:
            content = fields(access, now.isoformat(timespec="milliseconds"))
            folder().mkdir(parents=True, exist_ok=True, mode=0o700)
            with self.held():
                return self._write(content, f"{self.name}-{now:%Y-%m}.ndjson", durable)
        except (OSError, ValueError, TypeError) as error:
            raise NotLogged(f"the access log cannot be written: {error}") from error

    @contextmanager
    def held(self) -> Iterator[None]:
        """Nobody else writes meanwhile."""
        # Opened each time: the lock belongs to the open file, so threads exclude each other too.
        lock = os.open(folder() / f".{self.name}.lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
        finally:
            os.close(lock)

    def _write(self, content: dict[str, Any], this_month: str, durable: bool) -> Entry:
        tail = self._tail()
        known = anchor.read_head(self.name)
        found = tail.last.entry if tail.last else _FIRST
        # A clock that was set back must not open an older file again.
        file = max(this_month, tail.file or "")
        lines = b"\n" if tail.torn and file == tail.file else b""
        after = found
        for told in self._told(tail, known, content):
            number = max(after.sequence, known.entry.sequence if known else 0) + 1
            line, after = encode(told, after, number)
            lines += line
        line, entry = encode(content, after)
        self._keep_ended_day(tail, content["time"], file)
        self._put(file, lines + line, durable, fresh=file != tail.file)
        try:
            anchor.write_head(self.name, anchor.Head(entry, file), durable)
        except OSError:
            # The record is not whole without its head, and nobody has been answered yet.
            os.truncate(folder() / file, tail.size if file == tail.file else 0)
            raise
        return entry

    def _told(
        self, tail: _Tail, known: anchor.Head | None, content: dict[str, Any]
    ) -> list[dict[str, Any]]:
        """What the book must say of its own state before it goes on."""
        told = []
        base = {k: content[k] for k in ("time", "login", "role", "via")}
        torn = {"torn_bytes": len(tail.torn), "torn_sha256": hashlib.sha256(tail.torn).hexdigest()}
        if not self._agrees(tail, known):
            expected = known.entry if known else None
            details = {
                "expected": f"{expected.sequence} {expected.hash}" if expected else "no head noted",
                "found": f"{tail.last.entry.sequence} {tail.last.said}" if tail.last else "nothing",
                **(torn if tail.torn else {}),
            }
            told.append({**base, "action": BROKEN, "details": details})
        elif tail.torn:
            told.append({**base, "action": REPAIRED, "details": torn})
        return told

    def _agrees(self, tail: _Tail, known: anchor.Head | None) -> bool:
        """Whether the book ends where its head says. A writer that was killed between the two
        leaves the book one record ahead."""
        if known is None:
            return tail.last is None
        if tail.last is None or tail.last.said != tail.last.computed:
            return False
        one_ahead = tail.last.content["previous"] == known.entry.hash
        return tail.last.entry == known.entry or one_ahead

    def _tail(self) -> _Tail:
        last_torn: tuple[str, int, bytes] | None = None
        for path in reversed(self.files()):
            size, line, torn = _end_of(path)
            last_torn = last_torn or (path.name, size, torn)
            if line is not None:
                return _Tail(last_torn[0], last_torn[1], line, last_torn[2])
        if last_torn is None:
            return _Tail(None, 0, None, b"")
        return _Tail(last_torn[0], last_torn[1], None, last_torn[2])

    def _keep_ended_day(self, tail: _Tail, time: str, file: str) -> None:
        if tail.last is None:
            return
        day = str(tail.last.content.get("time", ""))[:10]
        if day != time[:10] or file != tail.file:
            anchor.keep(self.name, anchor.Head(tail.last.entry, str(tail.file)), day)

    def _put(self, file: str, lines: bytes, durable: bool, fresh: bool) -> None:
        path = folder() / file
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            before = os.fstat(descriptor).st_size
            written = os.write(descriptor, lines)
            if written != len(lines):  # the disk is full
                os.ftruncate(descriptor, before)
                raise OSError(f"{path}: only {written} of {len(lines)} bytes could be written")
            if durable:
                os.fdatasync(descriptor)
        finally:
            os.close(descriptor)
        if fresh and durable:
            settle(folder())


def _end_of(path: Path) -> tuple[int, Line | None, bytes]:
    """A file's size, its last whole record and the bytes after its last line's end.

    A last line that is whole but no record of ours has been altered; it is given as torn bytes.
    """
    with path.open("rb") as file:
        size = file.seek(0, os.SEEK_END)
        file.seek(max(0, size - _TAIL_BYTES))
        tail = file.read()
    whole, _, torn = tail.rpartition(b"\n")
    line = decode(whole.rpartition(b"\n")[2]) if whole else None
    return size, line, torn


ACCESS = Book("access", kept_days=366)
PROVISION = Book("provision", kept_days=3 * 366)
