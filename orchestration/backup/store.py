"""What lies in a back-up.

    objects/ab/ab12….age      one file's content, encrypted to a public key, named by its SHA-256
    snapshots/<name>.json     one state of a home: path, digest, size, mode, time of each file

A name ends in the digest of its list, so an altered list is found before anything is restored. An
object is written beside its place, made durable and renamed; the list comes last. What a killed
back-up leaves behind is a draft or an object that nothing names, and the next one removes it.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

import pyrage

from ingestion.delivery.receipt import write_whole
from ingestion.durable import Hashing

_SUFFIX = ".age"


class BackupError(RuntimeError):
    """What stands in the way, in one line."""


@dataclass(frozen=True)
class Entry:
    """One file of a home; `mtime_ns` tells a later back-up that it is the same."""

    path: str
    sha256: str
    size: int
    mode: int
    mtime_ns: int


@dataclass(frozen=True)
class Snapshot:
    """One state of a home."""

    name: str
    as_of: str
    release_id: str
    entries: tuple[Entry, ...]

    @property
    def bytes_n(self) -> int:
        """Size of the home's files in bytes."""
        return sum(entry.size for entry in self.entries)


def object_path(target: Path, sha256: str) -> Path:
    """Where a content lies."""
    return target / "objects" / sha256[:2] / f"{sha256}{_SUFFIX}"


def put(target: Path, file: Path, recipient: pyrage.x25519.Recipient) -> tuple[str, int]:
    """Keep a file's content; gives its SHA-256 and its size in bytes."""
    folder = target / "objects"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = folder / f".{os.getpid()}-{os.urandom(4).hex()}.part"
    with file.open("rb") as source, draft.open("wb") as out:
        passing = Hashing(source)
        pyrage.encrypt_io(passing, out, [recipient])
        out.flush()
        os.fsync(out.fileno())
    digest = passing.digest.hexdigest()
    place = object_path(target, digest)
    place.parent.mkdir(exist_ok=True, mode=0o700)
    if place.exists():
        draft.unlink()
    else:
        draft.rename(place)
    return digest, passing.size


def get(target: Path, entry: Entry, to: Path, identity: pyrage.x25519.Identity) -> None:
    """Bring one file back and prove that it is the one that was kept; raises `BackupError`."""
    place = object_path(target, entry.sha256)
    to.parent.mkdir(parents=True, exist_ok=True)
    try:
        with place.open("rb") as source, to.open("wb") as out:
            pyrage.decrypt_io(source, out, [identity])
            out.flush()
            os.fsync(out.fileno())
    except FileNotFoundError as missing:
        raise BackupError(f"{entry.path}: its content {place} is gone") from missing
    except (pyrage.DecryptError, OSError) as refused:
        raise BackupError(f"{entry.path}: {place} does not open with this key") from refused
    with to.open("rb") as file:
        found = hashlib.file_digest(file, "sha256").hexdigest()
    if found != entry.sha256:
        raise BackupError(f"{entry.path}: expected content {entry.sha256[:12]}, found {found[:12]}")
    to.chmod(entry.mode)
    os.utime(to, ns=(entry.mtime_ns, entry.mtime_ns))


def write_list(target: Path, moment: str, release_id: str, entries: Iterable[Entry]) -> Snapshot:
    """Write the list of a state; only now does the back-up exist."""
    kept = sorted((asdict(entry) for entry in entries), key=lambda entry: entry["path"])
    body = {"as_of": moment, "release_id": release_id, "entries": kept}
    text = json.dumps(body, ensure_ascii=False, sort_keys=True)
    name = f"{moment[:16].replace('-', '').replace(':', '')}-{_digest(text)}"
    folder = target / "snapshots"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    write_whole(folder / f"{name}.json", text.encode("utf-8"))
    return read_list(folder / f"{name}.json")


def read_list(file: Path) -> Snapshot:
    """One list, proven unaltered; raises `BackupError`."""
    text = file.read_text(encoding="utf-8")
    if not file.stem.endswith(_digest(text)):
        raise BackupError(f"{file}: altered since it was written")
    body = json.loads(text)
    entries = tuple(Entry(**entry) for entry in body["entries"])
    return Snapshot(file.stem, body["as_of"], body["release_id"], entries)


def snapshots(target: Path) -> list[Path]:
    """The lists of a back-up, oldest first (by the moment in their names, then as written)."""
    found = (target / "snapshots").glob("*.json")
    return sorted(found, key=lambda file: (file.stem[:13], file.stat().st_mtime_ns))


def prune(target: Path, keep: int) -> int:
    """Forget all lists but the newest `keep`, then every content that none of these names."""
    lists = snapshots(target)
    for old in lists[:-keep]:
        old.unlink()
    named = {e.sha256 for file in lists[-keep:] for e in read_list(file).entries}
    gone = 0
    for place in (target / "objects").rglob("*"):
        if place.is_file() and place.name.removesuffix(_SUFFIX) not in named:
            place.unlink()
            gone += 1
    return gone


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8")).hexdigest()[:16]
