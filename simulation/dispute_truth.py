"""What the disputes truly say of their ends: D10, D11, D15 and D15#homicide."""

from __future__ import annotations

import polars as pl

from simulation.changes import end_s
from simulation.directory import with_department
from simulation.disputes import TIER_SHARE, Disputes
from simulation.tally import (
    COUNT,
    EVERYWHERE,
    NOTHING,
    good,
    per_residents,
    percent,
    tally,
)
from simulation.world import World

FOLLOWED_DAYS = 90
TOWNS = {"town": "town_code", "district": "district", **EVERYWHERE}
DISTRICTS_ONLY = {"district": "district", **EVERYWHERE}


def rates(world: World, disputes: Disputes) -> pl.DataFrame:
    """All of them, in the columns of `simulation.rates`."""
    events = disputes.events.with_columns(
        district=pl.col("town_code").str.head(6),
        day=pl.col("event_time").dt.date(),
        month=pl.col("event_time").dt.strftime("%Y-%m"),
    )
    closings = events.filter(pl.col("to_state") == "06")
    return pl.concat([reopened(world, events, closings), low_tier(closings), crimes(world, events)])


def reopened(world: World, events: pl.DataFrame, closings: pl.DataFrame) -> pl.DataFrame:
    """D10 by month of the ninetieth day after each closing.

    Reopening is one of five courses drawn for a whole dispute: no closing has a chance of its own.
    """
    again = events.filter(pl.col("to_state") == "08").select("dispute_code", again="event_time")
    until = pl.col("day").dt.offset_by(f"{FOLLOWED_DAYS}d")
    followed = closings.with_columns(until=until).filter(pl.col("until") <= world.end)
    came_back = (
        followed.join(again, on="dispute_code")
        .filter(
            pl.col("again") > pl.col("event_time"),
            pl.col("again").dt.date() <= pl.col("until"),
        )
        .select("event_id")
        .unique()
    )
    rows = with_department(world, followed, "handler_org").with_columns(
        period_label=pl.col("until").dt.strftime("%Y-%m"),
        good=pl.col("event_id").is_in(came_back["event_id"].implode()),
    )
    return tally("D10", rows, {"department": "department", **TOWNS}, good())


def low_tier(closings: pl.DataFrame) -> pl.DataFrame:
    """D11 by month: each dispute once, by its last closing of the month."""
    last = (
        closings.sort("event_time", "event_id")
        .unique(["dispute_code", "month"], keep="last", maintain_order=True)
        .with_columns(period_label="month", good=pl.col("tier").is_in(["1", "2"]))
    )
    share = float(TIER_SHARE[:2].sum() / TIER_SHARE.sum())
    return tally("D11", last, TOWNS, good(), rate=percent(share))


def crimes(world: World, events: pl.DataFrame) -> pl.DataFrame:
    """D15 and D15#homicide by quarter: disputes with any event in it, once.

    No rate: one dispute in three hundred takes this course, whatever the number of residents.
    """
    day = pl.col("event_time").dt
    quarter = pl.format("{}-Q{}", day.year(), day.quarter()).alias("period_label")
    crime = pl.col("to_state") == "09"
    matters = (
        events.filter(day.epoch("s") < end_s(world))
        .group_by("dispute_code", quarter, "district")
        .agg(
            crime=crime.any(),
            homicide=(crime & (pl.col("crime_kind") == "1").fill_null(value=False)).any(),
        )
    )
    placed = tally("D15", matters, DISTRICTS_ONLY, good("crime"), COUNT)
    deaths = tally("D15#homicide", matters, DISTRICTS_ONLY, good("homicide"), NOTHING)
    return pl.concat([per_residents(world, placed, 100_000), deaths])
