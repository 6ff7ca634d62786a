"""The parsed project, kept between runs.

Parsing costs 15 s, and dbt parses again from nothing whenever a variable differs, which
`as_of` does every day. Nothing in the project's structure depends on a variable, so the manifest
is cached under a fingerprint of the project's files, and handed to dbt.

`FENGQIAO_DBT_PARSED` names a folder in which homes of one machine find what another parsed: the
test suite makes dozens of homes of the same project.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from importlib.metadata import version
from pathlib import Path
from typing import Any
from uuid import uuid4

from ingestion import city, places

PROJECT = city.PRODUCT / "dbt_project"
_LINKED = ("dbt_project.yml", "profiles.yml", "models", "macros", "tests")
_PARTS = ("models", "macros", "tests", "seeds")


def project() -> Path:
    """The project of this city: ours, or ours with the city's seeds in the place of ours.

    dbt reads one folder, so for a city directory one of links is made in `build/`.
    """
    if places.city() is None:
        return PROJECT
    folder = places.build() / "dbt-project"
    (folder / "seeds").mkdir(parents=True, exist_ok=True)
    wanted = {folder / part.name: part for part in PROJECT.iterdir() if part.name in _LINKED}
    for file in (PROJECT / "seeds").iterdir():
        ours = file if file.suffix != ".csv" else city.seed(file.stem)
        wanted[folder / "seeds" / file.name] = ours
    for link in (*folder.iterdir(), *(folder / "seeds").iterdir()):
        if link.is_symlink() and link not in wanted:
            link.unlink()
    for link, file in wanted.items():
        if not link.is_symlink() or link.readlink() != file:
            link.unlink(missing_ok=True)
            link.symlink_to(file)
    return folder


def fingerprint(project: Path, target: str) -> str:
    """SHA-256 over dbt's version and names, sizes, times of change of the project's files."""
    digest = hashlib.sha256(f"{target}|{version('dbt-core')}\n".encode())
    files = [project / "dbt_project.yml", project / "profiles.yml"]
    for part in _PARTS:
        folder = project / part
        if folder.is_dir():
            files += sorted(path for path in folder.rglob("*") if path.is_file())
    for path in files:
        facts = path.stat()
        digest.update(f"{path}|{facts.st_size}|{facts.st_mtime_ns}\n".encode())
    return digest.hexdigest()


def load(project: Path, target_path: Path, target: str) -> Any | None:
    """The cached manifest if it is of exactly these files, else None (dbt will parse)."""
    packed = target_path / "partial_parse.msgpack"
    stamp = target_path / "manifest.fingerprint"
    wanted = fingerprint(project, target)
    known = packed.exists() and stamp.exists() and stamp.read_text().strip() == wanted
    if not known:
        shared = _shared(wanted, target_path, target)
        if shared is None or not shared.exists():
            return None
        _copy(shared, packed)
        stamp.write_text(wanted + "\n")
    from dbt.contracts.graph.manifest import Manifest

    try:
        manifest: Any = Manifest.from_msgpack(packed.read_bytes())
    except Exception:  # cut off by a crash; whichever way the library says so, dbt parses again
        packed.unlink(missing_ok=True)
        return None
    manifest.build_flat_graph()
    return manifest


def remember(project: Path, target_path: Path, target: str) -> None:
    """Note that the manifest dbt has just written belongs to these files."""
    packed = target_path / "partial_parse.msgpack"
    if packed.exists():
        wanted = fingerprint(project, target)
        (target_path / "manifest.fingerprint").write_text(wanted + "\n")
        if (shared := _shared(wanted, target_path, target)) is not None:
            shared.parent.mkdir(parents=True, exist_ok=True)
            _copy(packed, shared)


def _copy(file: Path, target: Path) -> None:
    """Whole or not at all: others may read or write the target now."""
    part = target.with_name(f"{uuid4().hex}.part")
    shutil.copyfile(file, part)
    part.replace(target)


def _shared(wanted: str, target_path: Path, target: str) -> Path | None:
    """Where other homes find the manifest of these files; DuckDB's names the build file's catalog,
    so there is one for each name of a build file."""
    folder = os.environ.get("FENGQIAO_DBT_PARSED", "")
    name = target_path.name if target == "duckdb" else target
    return Path(folder) / f"{wanted}-{name}.msgpack" if folder else None
