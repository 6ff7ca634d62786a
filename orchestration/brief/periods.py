"""Which period a brief is of, and whether it is released."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from orchestration.brief.rows import NoBrief, Pages

KINDS = {"weekly": "周报", "monthly": "月报"}
DRAFT = "草稿"


@dataclass(frozen=True)
class Period:
    """One week (Monday to Sunday) or month that is over, and its release record if there is one."""

    kind: str
    start: date
    end: date
    text: str
    span: str
    is_newest: bool
    state: str  # 草稿 or 已发布
    version: str | None
    released: str | None
    offices: tuple[str, ...]

    @property
    def label(self) -> str:
        """`2026-09`, or the ISO week `2026-W43`: the name of files and of `--period`."""
        if self.kind == "monthly":
            return f"{self.end:%Y-%m}"
        year, week, _ = self.end.isocalendar()
        return f"{year}-W{week:02d}"


def periods(pages: Pages, kind: str) -> list[Period]:
    """Every period that the published pages can tell of, the newest first."""
    if kind not in KINDS:
        raise NoBrief(f"{kind}: {' or '.join(KINDS)}")
    rows = pages.read("brief_period", "kind = $kind", "period_end desc", kind=kind).to_dicts()
    return [
        Period(
            kind, r["period_start"], r["period_end"], r["period_text"], r["span_text"],
            r["is_newest"], r["state_text"], r["version_text"], r["released_text"],
            tuple(o for o in (r["first_office"], r["second_office"]) if o),
        )
        for r in rows
    ]  # fmt: skip


def choose(pages: Pages, kind: str, label: str | None) -> Period:
    """The period of that label, the newest without one. Raises `NoBrief`."""
    known = periods(pages, kind)
    if label is None:
        return known[0]
    found = [p for p in known if p.label == label]
    if not found:
        raise NoBrief(f"no {kind} brief of {label}: there are {', '.join(p.label for p in known)}")
    return found[0]
