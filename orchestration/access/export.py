"""`fengqiao sql --export`: what leaves, for what purpose, with a record before the file appears."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path

from ingestion.access import Access, note, provide
from orchestration.access import files
from orchestration.access.leaving import MayNotLeave, tables_that_leave
from orchestration.run import query

MOST_ROWS = 1_000_000
SHORTEST_PURPOSE = 4  # characters: 年报附表


class NoPurpose(RuntimeError):
    """Data leave for a purpose, or not at all (PIPL 第6条)."""


@dataclass(frozen=True)
class Exported:
    """What was written, and the record of it."""

    path: Path
    rows_n: int
    sha256: str
    record: int


def purpose_of(text: str | None) -> str:
    """The purpose as given, or `NoPurpose`."""
    purpose = (text or "").strip()
    if len(purpose) < SHORTEST_PURPOSE:
        raise NoPurpose('say what it is for: --purpose "月度分析会材料"')
    return purpose


def export(
    statement: str,
    target: Path,
    purpose: str | None,
    *,
    limit: int | None = None,
    release: str | None = None,
    as_of: date | None = None,
    open_data: bool = False,
) -> Exported:
    """Write a query's rows to a file. Raises `NoPurpose`, `MayNotLeave`, `files.NotWritten`, or
    `NotLogged`; then there is no file."""
    said = purpose_of(purpose)
    files.suffix_of(target)
    try:
        tables = tables_that_leave(statement, open_data=open_data)
    except MayNotLeave as refusal:
        reason = {"reason": str(refusal)}
        note(Access("export", (), statement, purpose=said, outcome="refused", details=reason))
        raise
    most = min(limit or MOST_ROWS, MOST_ROWS)
    frame = query.fetch(statement, most + (limit is None), release, as_of)
    if limit is None and frame.height > MOST_ROWS:
        raise files.NotWritten(f"more than {MOST_ROWS:,} rows: ask for less, or take a snapshot")
    with files.draft_of(target) as draft:
        files.write(frame, draft)
        digest = files.fingerprint(draft)
        details = {
            "file": target.name,
            "sha256": digest,
            "bytes": draft.stat().st_size,
            "columns": frame.columns[:100],
            "open_data": open_data,
        }
        record = provide(
            Access("export", tables, statement, rows=frame.height, purpose=said, details=details)
        )
    return Exported(target, frame.height, digest, record.sequence)
