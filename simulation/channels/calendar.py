"""The periods in which a contract's feed is delivered, and when each arrives."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

import numpy as np
import polars as pl

from ingestion.clock import LOCAL
from ingestion.contract import Contract
from ingestion.contract.calendar import ended_periods
from simulation.changes import shown_between
from simulation.world import DAY_S, Ints, World, day_number


@dataclass(frozen=True)
class Span:
    """One delivery of a feed: first and last day, the name of its period, when it is due."""

    start: date
    end: date
    label: str
    due: datetime


def _label(start: date, end: date, period: str) -> str:
    match period:
        case "month":
            return f"{start:%Y%m}"
        case "quarter":
            return f"{start.year}Q{(start.month + 2) // 3}"
        case "year":
            return f"{start.year}"
    return f"{end:%Y%m%d}"


def spans(contract: Contract, world: World) -> list[Span]:
    """Every delivery of the feed that ends within the world, in order."""
    after = datetime.combine(world.end + timedelta(days=1), time(0), LOCAL)
    kinds = [(d.since, d.period) for d in contract.calendar]
    made = []
    ended = ended_periods(contract, after)
    within = [p for p in ended if p.period_end >= world.start]
    # what is sent once a year was sent before a short world began
    for period in within or ended[-1:]:
        kind = [k for since, k in kinds if since <= period.period_start][-1]
        label = _label(period.period_start, period.period_end, kind)
        due = period.due.replace(tzinfo=None)
        made.append(Span(period.period_start, period.period_end, label, due))
    return made


def on_demand(day: date) -> list[Span]:
    """The one delivery of a feed without a calendar: on the day on which it changed."""
    due = datetime.combine(day + timedelta(days=1), time(8))
    return [Span(day, day, f"{day:%Y%m%d}", due)]


def arrival(contract: Contract, span: Span) -> datetime:
    """When a delivery on time arrives: within the hour and a half before it is due."""
    if contract.is_stream:
        # a stream has no morning: what was sent until midnight is there
        return datetime.combine(span.end + timedelta(days=1), time(0))
    number = int(contract.code[1:]) * 7 + ord(contract.code[0])
    return span.due - timedelta(minutes=15 + number % 80)


def bounds_s(periods: list[Span]) -> Ints:
    """Local seconds since 1970 where the spans begin, and the end of the last."""
    starts = [day_number(p.start) for p in periods] + [day_number(periods[-1].end) + 1]
    return np.array(starts, dtype=np.int64) * DAY_S


def shown(rows: pl.DataFrame, key: list[str], periods: list[Span]) -> pl.DataFrame:
    """What the deliveries of these spans show."""
    return shown_between(rows, key, bounds_s(periods))
