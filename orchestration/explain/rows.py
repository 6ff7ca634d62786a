"""A row behind a number, as it is shown."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any


@dataclass(frozen=True)
class CountedRow:
    """One row behind the number and the line of the file it came from."""

    key: str
    period_date: date
    in_numerator: bool
    in_denominator: bool
    is_open: bool
    facts: dict[str, Any]
    delivery_id: str | None
    file_name: str | None
    line: int | None
