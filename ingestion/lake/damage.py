"""A table's log as a crash or a broken disk may leave it, told by name before anything is read.

delta-rs 1.6 takes an empty commit for one that changes nothing: what it had committed is gone
without a word. An entry that ends in the middle is an error of the library that names no file.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from pathlib import Path
from urllib.parse import unquote

# Entries before the last checkpoint are not read any more; a checkpoint comes every twenty.
NEWEST = 40
WAY_OUT = "docs/reliability.md, A damaged lake"


class Damaged(RuntimeError):
    """What lies there is not what was committed; the text names file and way out, no cell."""


def entry(path: Path, version: int) -> Path:
    """The file of one commit of the table at `path`."""
    return path / "_delta_log" / f"{version:020}.json"


def entries(path: Path) -> list[Path]:
    """The newest commits' files, oldest first."""
    log = path / "_delta_log"
    names = [e.name for e in os.scandir(log) if e.name[:20].isdigit() and e.name[20:] == ".json"]
    return [log / name for name in sorted(names)[-NEWEST:]]


def damaged(file: Path) -> Damaged:
    """What to tell of an entry."""
    return Damaged(
        f"{file}: this entry of the table's log is empty or cut off, so rows may be missing; "
        f"nothing is computed from it. Way out: {WAY_OUT}"
    )


def refuse_empty(path: Path) -> None:
    """Raise `Damaged` if one of the newest commits of the table at `path` has no content."""
    for file in entries(path):
        if not file.stat().st_size:
            raise damaged(file)


def refuse_cut_off(path: Path) -> None:
    """Raise `Damaged` naming the entry that is not JSON to its end; called when opening failed."""
    for file in entries(path):
        try:
            for line in file.read_text("utf-8").splitlines():
                json.loads(line)
        except ValueError as error:
            raise damaged(file) from error


def refuse_short(path: Path, files: Iterable[tuple[str, int]]) -> None:
    """Raise `Damaged` if a data file (path in the table, bytes by the log) is not there whole."""
    for name, size_bytes in files:
        file = path / unquote(name)
        found = file.stat().st_size if file.exists() else None
        if found != size_bytes:
            raise Damaged(
                f"{file}: {'gone' if found is None else f'{found} bytes'}, the log says "
                f"{size_bytes}; nothing is computed without it. Way out: {WAY_OUT}"
            )
