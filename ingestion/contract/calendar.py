"""Which deliveries are due: the contract's calendar unrolled up to a moment."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta

from ingestion.clock import LOCAL
from ingestion.contract.model import Contract, Due, DuePeriod

MONTHS = {"month": 1, "quarter": 3, "year": 12}
_DUE = re.compile(r"^\+(\d+)d (\d\d):(\d\d)$")


def period_end(start: date, period: str) -> date:
    """Last day of the period that begins on `start` (weeks end on Friday)."""
    if period == "day":
        return start
    if period == "week":
        return start + timedelta(days=(4 - start.weekday()) % 7)
    if period in MONTHS:
        # months before the first of the period's last month, then to that month's end
        ahead = start.month - 1 + (MONTHS[period] - 1 - (start.month - 1) % MONTHS[period]) + 1
        following = date(start.year + ahead // 12, ahead % 12 + 1, 1)
        return following - timedelta(days=1)
    raise ValueError(f"unknown period {period!r}: day, week, month, quarter or year")


def due_at(end: date, rule: str) -> datetime:
    """The deadline of a period that ends on `end`: "+1d 08:00" is 08:00 of the next day."""
    match = _DUE.match(rule)
    if match is None:
        raise ValueError(f"unknown due rule {rule!r}: write it like +1d 08:00")
    days, hour, minute = (int(g) for g in match.groups())
    return datetime.combine(end + timedelta(days=days), time(hour, minute), LOCAL)


def _regime(regime: Due, until: date | None, as_of: datetime) -> Iterator[DuePeriod]:
    start = regime.since
    while until is None or start < until:
        end = period_end(start, regime.period)
        due = due_at(end, regime.due)
        if end >= as_of.date():  # the period has not ended: nothing can be due
            return
        yield DuePeriod(start, end, due)
        start = end + timedelta(days=1)


def ended_periods(contract: Contract, as_of: datetime) -> list[DuePeriod]:
    """Every period of the contract that has ended before the day of `as_of`, oldest first."""
    regimes = contract.calendar
    periods: list[DuePeriod] = []
    for i, regime in enumerate(regimes):
        until = regimes[i + 1].since if i + 1 < len(regimes) else None
        periods.extend(_regime(regime, until, as_of))
    return periods


def due_periods(contract: Contract, as_of: datetime) -> list[DuePeriod]:
    """The periods whose deadline has passed at `as_of`."""
    return [p for p in ended_periods(contract, as_of) if p.due <= as_of]


def find_period(contract: Contract, start: date, end: date) -> DuePeriod | None:
    """The calendar's entry for a delivered period, if the calendar has it."""
    horizon = datetime.combine(end + timedelta(days=1), time(0), LOCAL)
    candidates = ended_periods(contract, horizon)
    exact = [p for p in candidates if p.period_start == start and p.period_end == end]
    within = [p for p in candidates if p.period_end == end]
    fitting = exact or within
    return fitting[-1] if fitting else None
