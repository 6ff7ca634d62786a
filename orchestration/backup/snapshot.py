"""One consistent state of a data home, into a back-up.

Held under the home's lock, so no run is in between. Databases in use (Superset, Dagster) are
copied through SQLite's own back-up. What follows from the rest is left out: the build files,
caches, logs of processes, locks. Secrets lie outside the home (decision 15) and are never touched.
"""

from __future__ import annotations

import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pyrage

from ingestion import clock, keys, places
from ingestion.lock import run_lock
from ingestion.store import Location
from orchestration.backup.store import (
    BackupError,
    Entry,
    Snapshot,
    prune,
    put,
    read_list,
    snapshots,
    write_list,
)
from orchestration.run.day import last_day

# By their path in the home: made again by the next run, or of a process that is gone.
_LEFT_OUT = ("build/", "docs/", "ops/logs/", "ops/superset/cache/", "ops/run.lock", "ops/locks/")
_LEFT_OUT_SUFFIXES = (".pid", ".sock", "-journal", "-wal", "-shm")
_SQLITE = b"SQLite format 3\x00"


def snapshot(
    target: Path, *, keep: int = 14, recipient: pyrage.x25519.Recipient | None = None
) -> Snapshot:
    """Back the home up into `target` (on another disk) and keep the newest `keep` states.

    Contents are encrypted to `recipient`, by default the archive's public key. Raises
    `BackupError`, and `ingestion.lock.Busy` while a run works on the home.
    """
    home = places.home()
    if not home.is_dir():
        raise BackupError(f"{home}: there is nothing to back up")
    if target.resolve().is_relative_to(home) or target.resolve().is_relative_to(places.secrets()):
        raise BackupError(f"{target}: a back-up lies outside what it saves")
    to = recipient or keys.archive_recipient()
    with run_lock():
        known = _known(target)
        entries = [_kept(target, home, file, known, to) for file in _files(home)]
        for name, root in places.lakes_elsewhere().items():
            entries += _kept_objects(target, name, root, known, to)
        release = last_day().get("release_id", "")
        made = write_list(target, clock.as_of().isoformat(), release, entries)
    prune(target, keep)
    return made


def _known(target: Path) -> dict[str, Entry]:
    """The files of the newest back-up, by path."""
    lists = snapshots(target)
    return {entry.path: entry for entry in read_list(lists[-1]).entries} if lists else {}


def _files(home: Path) -> Iterator[Path]:
    for file in sorted(home.rglob("*")):
        inside = file.relative_to(home)
        text = inside.as_posix()
        if not file.is_file() or file.is_symlink() or any(p.startswith(".") for p in inside.parts):
            continue
        if text.startswith(_LEFT_OUT) or text.endswith(_LEFT_OUT_SUFFIXES):
            continue
        yield file


def _kept(
    target: Path, home: Path, file: Path, known: dict[str, Entry], to: pyrage.x25519.Recipient
) -> Entry:
    path, facts = file.relative_to(home).as_posix(), file.stat()
    before = known.get(path)
    same = before and (before.size, before.mtime_ns) == (facts.st_size, facts.st_mtime_ns)
    if before and same and not _is_database(file):
        return before
    with _still(file) as copy:
        digest, size = put(target, copy, to)
    return Entry(path, digest, size, facts.st_mode & 0o777, facts.st_mtime_ns)


def _kept_objects(
    target: Path, folder: str, root: Location, known: dict[str, Entry], to: pyrage.x25519.Recipient
) -> Iterator[Entry]:
    """The objects of a lake on a store, as if they lay in the home."""
    for name, seen in root.below():
        path, mtime_ns = f"{folder}/{name}", seen.mark[1]
        before = known.get(path)
        if before and (before.size, before.mtime_ns) == (seen.size_bytes, mtime_ns):
            yield before
            continue
        with tempfile.TemporaryDirectory() as there:
            copy = Path(there) / "object"
            copy.write_bytes((root / name).read_bytes())
            digest, size = put(target, copy, to)
        yield Entry(path, digest, size, 0o600, mtime_ns)


def _is_database(file: Path) -> bool:
    with file.open("rb") as opened:
        return opened.read(len(_SQLITE)) == _SQLITE


@contextmanager
def _still(file: Path) -> Iterator[Path]:
    """The file itself, or of a database in use a copy that is whole."""
    if not _is_database(file):
        yield file
        return
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / file.name
        with closing(sqlite3.connect(file)) as source, closing(sqlite3.connect(copy)) as out:
            source.backup(out)
        yield copy
