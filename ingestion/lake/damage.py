"""A table's log as a crash or a broken disk may leave it, told by name before anything is read.

delta-rs 1.6 takes an empty commit for one that changes nothing: what it had committed is gone
without a word. An entry that ends in the middle is an error of the library that names no file.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from urllib.parse import unquote

from ingestion.store import Location

# Entries before the last checkpoint are not read any more; a checkpoint comes every twenty.
NEWEST = 40
WAY_OUT = "docs/reliability.md, A damaged lake"


class Damaged(RuntimeError):
    """What lies there is not what was committed; the text names file and way out, no cell."""


def entry(path: Location, version: int) -> Location:
    """The file of one commit of the table at `path`."""
    return path / "_delta_log" / f"{version:020}.json"


def entries(log: Location) -> list[str]:
    """The names of the newest commits' files in a table's log, oldest first."""
    names = [name for name in log.names() if name[:20].isdigit() and name[20:] == ".json"]
    return sorted(names)[-NEWEST:]


def damaged(file: Location) -> Damaged:
    """What to tell of an entry."""
    return Damaged(
        f"{file}: this entry of the table's log is empty or cut off, so rows may be missing; "
        f"nothing is computed from it. Way out: {WAY_OUT}"
    )


def refuse_empty(path: Location) -> None:
    """Raise `Damaged` if one of the newest commits of the table at `path` has no content."""
    log = path / "_delta_log"
    names = entries(log)
    for name, size_bytes in zip(names, log.sizes(names), strict=True):
        if not size_bytes:
            raise damaged(log / name)


def refuse_cut_off(path: Location) -> None:
    """Raise `Damaged` naming the entry that is not JSON to its end; called when opening failed."""
    log = path / "_delta_log"
    for file in (log / name for name in entries(log)):
        try:
            for line in file.read_bytes().decode("utf-8").splitlines():
                json.loads(line)
        except ValueError as error:
            raise damaged(file) from error


def refuse_short(path: Location, files: Iterable[tuple[str, int]]) -> None:
    """Raise `Damaged` if a data file (path in the table, bytes by the log) is not there whole."""
    wanted = [(unquote(name), size_bytes) for name, size_bytes in files]
    sizes = path.sizes(name for name, _ in wanted)
    for (name, size_bytes), found in zip(wanted, sizes, strict=True):
        if found != size_bytes:
            raise Damaged(
                f"{path / name}: {'gone' if found is None else f'{found} bytes'}, the log says "
                f"{size_bytes}; nothing is computed without it. Way out: {WAY_OUT}"
            )
