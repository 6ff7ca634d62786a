"""Deliveries as the agencies make them: files in declared form, and the manifest of arrivals."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from pathlib import Path

import polars as pl

from simulation.world import Period

# Morning after the period, local time; F24 on Saturdays.
ARRIVAL = {
    "P44": time(7, 10),
    "P40": time(6, 40),
    "F24": time(8, 0),
    "P32": time(7, 30),
    "F20": time(7, 30),
}
# What went wrong in October: (feed, first day of the period) -> arrival.
LATE: dict[tuple[str, date], str] = {
    ("P40", date(2026, 10, 6)): "2026-10-07T09:25:00",
    ("P40", date(2026, 10, 19)): "2026-10-20T11:05:00",
    ("P44", date(2026, 10, 14)): "2026-10-17T07:25:00",  # missing, two days late
    ("P32", date(2026, 10, 22)): "2026-10-23T10:05:00",
    ("F24", date(2026, 10, 10)): "2026-10-19T09:40:00",
}


@dataclass
class Manifest:
    """feed_code, kind, period_start, period_end, arrives_at, file, one line per delivery."""

    out: Path
    lines: list[dict[str, object]] = field(default_factory=list)

    def add(self, feed: str, kind: str, start: date, end: date, file: str = "") -> None:
        on_time = datetime.combine(end + timedelta(days=1), ARRIVAL[feed]).isoformat()
        arrives = LATE.get((feed, start), on_time)
        self.add_at(feed, kind, start, end, arrives, file)

    def add_at(
        self, feed: str, kind: str, start: date, end: date, arrives: str, file: str = ""
    ) -> None:
        self.lines.append(
            {
                "feed_code": feed,
                "kind": kind,
                "period_start": start.isoformat(),
                "period_end": end.isoformat(),
                "arrives_at": arrives,
                "file": file,
            }
        )

    def write(self) -> None:
        pl.DataFrame(self.lines).sort("arrives_at", "feed_code", "file").write_csv(
            self.out / "manifest.csv"
        )


def csv_bytes(rows: pl.DataFrame, headers: dict[str, str], encoding: str) -> bytes:
    """A CSV with Chinese headers and CRLF ends, as office software writes it."""
    text = rows.rename(headers).write_csv(line_terminator="\r\n")
    return text.encode(encoding)


def fridays(first: date, last: date) -> list[date]:
    """Every Friday between two days, both inclusive."""
    days = (last - first).days + 1
    return [d for i in range(days) if (d := first + timedelta(days=i)).weekday() == 4]


def months_only(periods: list[Period]) -> list[Period]:
    return [p for p in periods if p.is_backfill]
