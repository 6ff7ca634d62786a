"""Deliveries as the agencies make them: files in declared form, and the manifest of arrivals."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from pathlib import Path

import polars as pl

from simulation.dirt import Truth
from simulation.world import Period, World

# Morning after the period, local time; F24 on Saturdays.
ARRIVAL = {
    "P44": time(7, 10),
    "P40": time(6, 40),
    "F24": time(8, 0),
    "P32": time(7, 30),
    "F20": time(7, 30),
    "P01": time(7, 20),
    "P03": time(7, 25),
    "P33": time(7, 35),
    "F02": time(7, 40),
    "F03": time(7, 45),
    "F09": time(7, 50),
    "F08": time(6, 30),
    "F12": time(6, 50),
    "F14": time(6, 55),
    # a stream has no morning: what was sent until midnight is there
    "P35": time(0, 0),
    "F01": time(0, 0),
}
# What went wrong in October: (feed, first day of the period) -> arrival.
LATE: dict[tuple[str, date], str] = {
    ("P40", date(2026, 10, 6)): "2026-10-07T09:25:00",
    ("P40", date(2026, 10, 19)): "2026-10-20T11:05:00",
    ("P44", date(2026, 10, 14)): "2026-10-17T07:25:00",  # missing, two days late
    ("P32", date(2026, 10, 22)): "2026-10-23T10:05:00",
    ("F24", date(2026, 10, 10)): "2026-10-19T09:40:00",
    ("F12", date(2026, 10, 17)): "2026-10-18T13:20:00",
    ("F03", date(2026, 10, 25)): "2026-10-26T08:40:00",
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


@dataclass(frozen=True)
class Ground:
    """What every agency that delivers needs: the world, the share of dirt, where it is noted."""

    world: World
    share: float
    manifest: Manifest
    truth: Truth

    def periods(self, since: date = date.min) -> list[Period]:
        """The periods to deliver that begin on a day or later."""
        return [p for p in self.world.periods if p.start >= since]

    def folder(self, name: str) -> Path:
        """A folder below the agencies', made on first use."""
        path = self.manifest.out / name
        path.mkdir(parents=True, exist_ok=True)
        return path


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
