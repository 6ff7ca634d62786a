"""A data home from a back-up, onto a machine that has none."""

from __future__ import annotations

import shutil
from pathlib import Path

from ingestion import keys, places
from ingestion.durable import settle
from ingestion.store import Location
from orchestration.backup.store import BackupError, Snapshot, get, read_list, snapshots


def restore(target: Path, *, name: str | None = None, key: Path | None = None) -> Snapshot:
    """Put the newest state (or the named one) of `target` in the place of the data home.

    The home must not exist or hold nothing but logs; it appears whole or not at all. `key` is the
    private half of the key the back-up was made to, by default the archive's. Raises `BackupError`.
    """
    home, elsewhere = places.home(), places.lakes_elsewhere()
    if _holds_anything(home):
        raise BackupError(f"{home} is not empty: restore into a home of its own, or move it away")
    for root in elsewhere.values():
        if any(True for _ in root.names()):
            raise BackupError(f"{root} is not empty: restore under a prefix of its own")
    chosen = _chosen(target, name)
    where = key or keys.archive_key_path()
    if not where.exists():
        raise BackupError(f"{where}: the private key of the back-up is needed (--key)")
    identity = keys.archive_identity(where)
    draft = home.with_name(f".{home.name}.restore")
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir(parents=True)
    try:
        for entry in chosen.entries:
            if not (draft / entry.path).resolve().is_relative_to(draft.resolve()):
                raise BackupError(f"{entry.path}: leads out of the home")
            get(target, entry, draft / entry.path, identity)
        for name, root in elsewhere.items():
            _bring(draft / name, root)
    except BackupError:
        shutil.rmtree(draft, ignore_errors=True)
        raise
    if home.exists():  # nothing but what this command has logged
        shutil.copytree(home, draft, dirs_exist_ok=True)
        shutil.rmtree(home)
    draft.rename(home)
    settle(home.parent)
    return chosen


def _bring(folder: Path, root: Location) -> None:
    """What lay in the home, onto the store. Data files first: a table appears with its log."""
    files = [file for file in folder.rglob("*") if file.is_file()]
    for file in sorted(files, key=lambda f: ("_delta_log" in f.parts, f.name)):
        (root / file.relative_to(folder).as_posix()).write_bytes(file.read_bytes())
    shutil.rmtree(folder, ignore_errors=True)


def _holds_anything(home: Path) -> bool:
    logs = home / "ops" / "logs"
    return any(file.is_file() and not file.is_relative_to(logs) for file in home.rglob("*"))


def _chosen(target: Path, name: str | None) -> Snapshot:
    lists = snapshots(target)
    if not lists:
        raise BackupError(f"{target}: no back-up lies there")
    if name is None:
        return read_list(lists[-1])
    found = [file for file in lists if file.stem == name]
    if not found:
        raise BackupError(f"no back-up {name}; there are {', '.join(f.stem for f in lists[-5:])}")
    return read_list(found[0])
