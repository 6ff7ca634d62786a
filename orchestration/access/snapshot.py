"""`fengqiao snapshot`: one audience's bench file, to be taken along into Python or R.

It holds what SQL Lab shows that audience and nothing else, so it may leave as it is; that it left,
for whom and what for is a provision record. A publish replaces the bench file and leaves snapshots
alone.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

import duckdb

from dashboards.server import paths
from dashboards.server.roles import audiences, bench_name
from ingestion.access import Access, provide
from orchestration.access import files
from orchestration.access.export import purpose_of


class UnknownAudience(RuntimeError):
    """There is no such bench."""


@dataclass(frozen=True)
class Snapshot:
    """What was written."""

    path: Path
    tables: dict[str, int]  # rows of each
    sha256: str
    record: int


def snapshot(folder: Path, audience: str, purpose: str | None) -> Snapshot:
    """Copy the published bench file of an audience into a folder, whole or not at all."""
    said = purpose_of(purpose)
    if audience not in audiences():
        raise UnknownAudience(f"{audience}: the audiences are {', '.join(audiences())}")
    source = paths.bench_file(bench_name(audience))
    if not source.exists():
        raise FileNotFoundError("nothing is published yet: `fengqiao run` first")
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / source.name
    # Held open: a publish meanwhile renames another file into its place, this one stays whole.
    with source.open("rb") as published, files.draft_of(target) as draft:
        with draft.open("wb") as copy:
            shutil.copyfileobj(published, copy, 1 << 20)
        tables, release = _look(draft)
        digest = files.fingerprint(draft)
        draft.chmod(0o440)
        details = {
            "file": target.name,
            "sha256": digest,
            "bytes": draft.stat().st_size,
            "audience": audience,
            "release": release,
        }
        rows_n = sum(tables.values())
        record = provide(
            Access("snapshot", tuple(tables), rows=rows_n, purpose=said, details=details)
        )
    return Snapshot(target, tables, digest, record.sequence)


def _look(file: Path) -> tuple[dict[str, int], str]:
    """Rows by table, and the release of the published values; a torn copy does not open."""
    with duckdb.connect(str(file), read_only=True) as con:
        names = [n for (n,) in con.execute("select table_name from duckdb_tables()").fetchall()]
        counted = {n: con.execute(f'select count(*) from "{n}"').fetchone() for n in sorted(names)}
        release = con.execute("select max(release_id) from indicator").fetchone()
    return {n: int(row[0]) if row else 0 for n, row in counted.items()}, str((release or [""])[0])
