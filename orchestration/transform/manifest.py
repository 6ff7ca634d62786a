"""The parsed project, kept between runs.

Parsing costs 1-2 s, and dbt parses again from nothing whenever a variable differs, which
`as_of` does every day. Nothing in the project's structure depends on a variable, so the manifest
is cached under a fingerprint of the project's files, and handed to dbt.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

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
    """SHA-256 over names, sizes and modification times of the project's files."""
    digest = hashlib.sha256(target.encode())
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
    if not packed.exists() or not stamp.exists():
        return None
    if stamp.read_text().strip() != fingerprint(project, target):
        return None
    from dbt.contracts.graph.manifest import Manifest

    try:
        manifest: Any = Manifest.from_msgpack(packed.read_bytes())
    except Exception:  # cut off by a crash; whichever way the library says so, dbt parses again
        packed.unlink()
        return None
    manifest.build_flat_graph()
    return manifest


def remember(project: Path, target_path: Path, target: str) -> None:
    """Note that the manifest dbt has just written belongs to these files."""
    if (target_path / "partial_parse.msgpack").exists():
        (target_path / "manifest.fingerprint").write_text(fingerprint(project, target) + "\n")
