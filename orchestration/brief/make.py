"""One brief: read, composed, set and written, whole or not at all."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ingestion import places
from ingestion.access import Access, note
from ingestion.city import city
from ingestion.delivery.receipt import write_whole
from orchestration.brief.periods import Period, choose
from orchestration.brief.rows import NoBrief, pages_for

__all__ = ["Brief", "NoBrief", "make"]


@dataclass(frozen=True)
class Brief:
    """A brief on disk: its period, unit, the release its figures come from, and its two files."""

    kind: str
    unit: str
    place: str
    period: Period
    release_id: str
    title: str
    points: tuple[str, ...]
    pdf: Path
    xlsx: Path


def folder() -> Path:
    """Where briefs lie unless somebody asks for another place."""
    return places.docs() / "briefs"


def make(
    kind: str, unit: str | None = None, label: str | None = None, out: Path | None = None
) -> Brief:
    """Write `<kind>-<period>-<unit>.pdf` and `.xlsx`; a file of the same name is replaced.

    Of the city without a `unit`. `label` is `2026-09` or `2026-W43`, the newest period without
    one. Raises `NoBrief` when there is nothing to make one of, `document.NotSet` when it cannot
    be set.
    """
    from orchestration.brief.content import compose
    from orchestration.brief.document import pdf
    from orchestration.brief.workbook import xlsx

    unit = unit or city().code
    with pages_for(unit) as pages:
        period = choose(pages, kind, label)
        content = compose(pages, period)
        place = pages.reader.place
    target = out or folder()
    target.mkdir(parents=True, exist_ok=True)
    stem = target / f"{kind}-{period.label}-{unit}"
    made = Brief(
        kind, unit, place, period, content.document["release"], content.document["title"],
        tuple(content.document["points"]), stem.with_suffix(".pdf"), stem.with_suffix(".xlsx"),
    )  # fmt: skip
    paper, tables = pdf(content), xlsx(content)
    _note(made, sum(sheet.rows.height for sheet in content.sheets), pages.reader.clause)
    write_whole(made.pdf, paper)
    write_whole(made.xlsx, tables)
    return made


def _note(made: Brief, rows_n: int, clause: str) -> None:
    """That these rows were looked at (DP-12); without a log there is no brief."""
    details = {"kind": made.kind, "unit": made.unit, "period": made.period.label,
               "release": made.release_id, "state": made.period.state}  # fmt: skip
    note(Access("brief", ("pages.duckdb",), filter=clause, rows=rows_n, details=details))
