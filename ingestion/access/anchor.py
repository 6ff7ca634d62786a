"""Heads of the books, kept outside the folder that they protect.

A chain proves that nothing inside it changed; it cannot prove that its end is still there, or that
it was not written anew from the first line. So the last record of each book is noted beside the
secrets after every record (`access-head-<book>-<home>`, one line of fixed width, written in
place), and when a day or a file ends for good (`access-heads-<home>.ndjson`). Whoever can write
both folders can forge both: a head told to another machine settles that (`audit verify --head`).
"""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import dataclass
from pathlib import Path

from ingestion import places
from ingestion.access.record import Entry

_WIDTH = 160  # less than a sector: a write of it is whole or not there


@dataclass(frozen=True)
class Head:
    """The last record that a book is known to have had, and the file it stood in."""

    entry: Entry
    file: str


def _home() -> str:
    """Two homes may share a folder of secrets; their logs are two."""
    return hashlib.sha256(str(places.home()).encode()).hexdigest()[:8]


def head_file(book: str) -> Path:
    """Where the head of a book is noted."""
    return places.secrets() / f"access-head-{book}-{_home()}"


def daily_file() -> Path:
    """Heads at the end of each day and of each file."""
    return places.secrets() / f"access-heads-{_home()}.ndjson"


def read_head(book: str) -> Head | None:
    """The noted head; None when there is none, or nobody can read it as one."""
    try:
        words = head_file(book).read_text("ascii").split()
        return Head(Entry(int(words[0]), words[1]), words[2])
    except (FileNotFoundError, ValueError, IndexError):
        return None


def _open(path: Path, flags: int) -> int:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    return os.open(path, os.O_WRONLY | os.O_CREAT | flags, 0o600)


def write_head(book: str, head: Head, durable: bool) -> None:
    """Note the head in place."""
    text = f"{head.entry.sequence} {head.entry.hash} {head.file}"
    descriptor = _open(head_file(book), 0)
    try:
        os.pwrite(descriptor, f"{text:<{_WIDTH - 1}}\n".encode("ascii"), 0)
        if durable:
            os.fdatasync(descriptor)
    finally:
        os.close(descriptor)


def keep(book: str, head: Head, day: str) -> None:
    """Note for good what the head was when a day, or with it a file, ended."""
    place = {"file": head.file, "sequence": head.entry.sequence, "hash": head.entry.hash}
    line = json.dumps({"book": book, "day": day, **place})
    descriptor = _open(daily_file(), os.O_APPEND)
    try:
        os.write(descriptor, line.encode("ascii") + b"\n")
        os.fdatasync(descriptor)
    finally:
        os.close(descriptor)


def kept(book: str) -> list[Head]:
    """Heads of all ended days, oldest first; a line that a crash tore is left out."""
    found = []
    if daily_file().exists():
        for line in daily_file().read_text("ascii", errors="replace").splitlines():
            try:
                one = json.loads(line)
                if one["book"] == book:
                    entry = Entry(int(one["sequence"]), str(one["hash"]))
                    found.append(Head(entry, str(one["file"])))
            except (ValueError, KeyError, TypeError):
                continue
    return found
