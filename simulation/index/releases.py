"""R08: which periods of the index and of the briefs were signed by two offices.

The newest period of each is never among them, so that the demonstration shows a draft beside what
was released.
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

import numpy as np
import polars as pl

from simulation.channels.declared import deliver
from simulation.deliveries import Ground
from simulation.identity import sentinel_names
from simulation.index.version import VALID, VERSION
from simulation.world import EPOCH, World, day_number

WEEKS = 12
# A monthly brief is made when its values are final and signed two days later, a weekly one on its
# Monday. The index waits for the five workdays in which a unit may contest its number.
MADE_DAY, SIGNED_DAY, SIGNED_AT, WEEKLY_AT = 11, 13, time(16), time(15)
REPLY_WORKDAYS = 5
DESK, REVIEW = ("330600", "politics_law"), ("330600", "data_bureau")


def _months(world: World) -> list[tuple[date, date]]:
    """First and last day of every month that is over, without the newest."""
    found, first = [], world.start.replace(day=1)
    while (after := (first + timedelta(days=32)).replace(day=1)) <= world.end + timedelta(days=1):
        found.append((first, after - timedelta(days=1)))
        first = after
    return found[:-1]


def _weeks(world: World) -> list[tuple[date, date]]:
    """Monday and Sunday of the last weeks that are over, without the newest."""
    monday = world.end - timedelta(days=(world.end.weekday() + 1) % 7 + 6)
    starts = [monday - timedelta(weeks=back) for back in range(WEEKS, 0, -1)]
    return [(s, s + timedelta(days=6)) for s in starts if s >= world.start]


def _index_signed(world: World, made: datetime) -> datetime:
    """The first workday after those in which a number may be contested."""
    day = world.due_day(np.array([day_number(made.date())]), np.array([REPLY_WORKDAYS + 1]))
    return datetime.combine(EPOCH + timedelta(days=int(day[0])), SIGNED_AT)


def rows(world: World) -> pl.DataFrame:
    """The records in the contract's columns."""
    listed = []
    for start, end in _months(world):
        signed = datetime.combine((end + timedelta(days=1)).replace(day=SIGNED_DAY), SIGNED_AT)
        final = signed.replace(day=MADE_DAY)
        release = f"{final:%Y%m%d}T0830-sim"
        if start >= VALID:
            listed.append(("01", f"{start:%Y%m}", start, end, VERSION, _index_signed(world, final)))
        listed.append(("03", f"{start:%Y%m}", start, end, release, signed))
    for start, end in _weeks(world):
        signed = datetime.combine(end + timedelta(days=1), WEEKLY_AT)
        listed.append(("02", f"{end:%Y%m%d}", start, end, f"{signed:%Y%m%d}T0830-sim", signed))
    known = [r for r in listed if r[5].date() <= world.end]
    names = sentinel_names()
    columns = ["release_kind", "label", "period_start", "period_end", "release_version", "updated"]
    made = pl.DataFrame(
        known,
        schema=dict(
            zip(columns, (pl.String, pl.String, pl.Date, pl.Date, pl.String, pl.Datetime("us")),
                strict=True)
        ),
        orient="row",
    )  # fmt: skip
    return made.select(
        pl.concat_str([pl.lit("FB"), "release_kind", pl.lit("-"), "label"]).alias("record_code"),
        "release_kind", "period_start", "period_end", "release_version",
        first_org_code=pl.lit(world.organisation(*DESK)),
        first_name=pl.lit(names[17]),
        second_org_code=pl.lit(world.organisation(*REVIEW)),
        second_name=pl.lit(names[1717]),
        released_time=pl.col("updated"),
        updated=pl.col("updated"),
    )  # fmt: skip


def send(ground: Ground) -> None:
    """The register as its desk keeps it: one file, sent when a line was added."""
    made = rows(ground.world)
    if made.height:
        deliver(ground, "R08", made)
