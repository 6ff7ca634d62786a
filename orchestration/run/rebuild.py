"""Files that follow from the lake are made again where they cannot be read: build files, pages.

A build file is DuckDB's, whose blocks bear checksums, so a damaged one is told by DuckDB and never
counted with.
"""

from __future__ import annotations

import logging
from pathlib import Path

import duckdb

from ingestion import places

log = logging.getLogger("fengqiao.day")
# DuckDB's words for a file that is not what it wrote (1.5); a file in use by another is none.
_UNREADABLE = (
    "not a valid DuckDB database",
    "Could not read enough bytes",
    "Corrupt database",
    "checksum",
    "Failed to deserialize",
    "Failure while replaying WAL",
)


def _spoiled(text: str) -> bool:
    return any(words in text for words in _UNREADABLE)


def _drop(file: Path, why: str) -> None:
    for path in (file, file.with_name(f"{file.name}.wal")):
        path.unlink(missing_ok=True)
    log.warning("%s is damaged and is built anew: %s", file, why)


def drop_unreadable() -> list[Path]:
    """Delete build files that do not open; the run then begins without them. One that somebody
    holds is whole: who needs it is told."""
    dropped = []
    for file in sorted(places.build().glob("*.duckdb")):
        try:
            with duckdb.connect(str(file), read_only=not _has_wal(file)):
                pass
        except duckdb.Error as error:
            if not _spoiled(str(error)):
                continue
            _drop(file, str(error))
            dropped.append(file)
    return dropped


def _has_wal(file: Path) -> bool:
    """A file with writes to replay cannot be opened to read only."""
    return file.with_name(f"{file.name}.wal").exists()


def after(failure: str) -> str:
    """After a computation that failed because a build file is damaged inside: drop the build files,
    so that the next run makes them again. Gives what to add to the message."""
    if not _spoiled(failure) or str(places.lake()) in failure:
        return ""
    for file in places.build().glob("*.duckdb"):
        _drop(file, "a block of it cannot be read")
    return "\nthe build files are dropped: the next run makes them again"


def pages_show(release_id: str) -> bool:
    """Whether the published pages open, are of this release, and were not marked as failed."""
    file = places.serving() / "pages.duckdb"
    try:
        with duckdb.connect(str(file), read_only=True) as con:
            row = con.execute("select release_id, state from page_status").fetchone()
    except duckdb.Error as error:
        log.warning("the pages cannot be read and are made again: %s", error)
        return False
    return row == (release_id, "ok")
