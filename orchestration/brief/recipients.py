"""Who gets which brief: offices with an address of the office, as declared data."""

from __future__ import annotations

import csv
import os
import re
from dataclasses import dataclass
from pathlib import Path

from ingestion import city
from orchestration.brief.periods import KINDS
from orchestration.brief.rows import NoBrief, reader_of

VARIABLE = "FENGQIAO_BRIEF_RECIPIENTS"
DEFAULT = Path(__file__).parent / "recipients.csv"
COLUMNS = ["office", "unit_code", "briefs", "address"]
# One address of ASCII: a line break or a comma in it would be a second one.
ADDRESS = re.compile(r"[A-Za-z0-9._+-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+")


class BadRecipients(ValueError):
    """The list of recipients cannot be used; the text names the line and what is wrong."""


@dataclass(frozen=True)
class Recipient:
    """An office, whose rows it may see (330600: the city's), which briefs it gets, and where."""

    office: str
    unit: str
    briefs: tuple[str, ...]
    address: str


def recipients(file: Path | None = None) -> list[Recipient]:
    """The declared recipients, in order. Raises `BadRecipients` for the first line that errs."""
    file = file or Path(os.environ.get(VARIABLE) or city.own(DEFAULT.name) or DEFAULT)
    if not file.exists():
        raise BadRecipients(f"{file}: no such file ({VARIABLE})")
    with file.open(encoding="utf-8-sig", newline="") as opened:
        lines = list(csv.DictReader(opened))
    if not lines or list(lines[0]) != COLUMNS:
        raise BadRecipients(f"{file.name}: the columns must be {', '.join(COLUMNS)}")
    found = [_recipient(f"{file.name} line {n}", line) for n, line in enumerate(lines, start=2)]
    twice = [
        r
        for n, r in enumerate(found)
        if (r.unit, r.address) in {(o.unit, o.address) for o in found[:n]}
    ]
    if twice:
        raise BadRecipients(f"{file.name}: {twice[0].address} stands twice for {twice[0].unit}")
    return found


def _recipient(where: str, line: dict[str, str]) -> Recipient:
    if any(not (line[c] or "").strip() for c in COLUMNS):
        raise BadRecipients(f"{where}: a cell is empty")
    try:
        reader_of(line["unit_code"])
    except NoBrief as error:
        raise BadRecipients(f"{where}: {error}") from error
    briefs = tuple(b.strip() for b in line["briefs"].split(";"))
    if unknown := set(briefs) - set(KINDS):
        raise BadRecipients(f"{where}: {', '.join(sorted(unknown))} is no brief")
    if not ADDRESS.fullmatch(line["address"]):
        raise BadRecipients(f"{where}: {line['address']!r} is not one address")
    return Recipient(line["office"].strip(), line["unit_code"], briefs, line["address"])
