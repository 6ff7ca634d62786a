"""What the petitions truly say: D01 to D06 of periods that have ended."""

from __future__ import annotations

from datetime import date

import polars as pl

from simulation.changes import OPEN, end_s
from simulation.histories import ended, month_of, quarter_of, shares
from simulation.petitions.gatherings import Gatherings
from simulation.petitions.petitions import ANSWER_DAYS, NOTICE_DAYS, Petitions
from simulation.petitions.steps import Steps
from simulation.world import DAY_S, World, day_number

RATING_DAYS, FOLLOWED_DAYS, REBOUND_DAYS = 30, 90, 180
PLACES = {"town": "town_code", "district": "district"}
TARGET = {"department": "target_org_code", **PLACES}


def _placed(rows: pl.DataFrame) -> pl.DataFrame:
    return rows.with_columns(district=pl.col("town_code").str.head(6))


def deadlines(world: World, petitions: Petitions) -> pl.DataFrame:
    """D01 by month of the fifteenth day, D02 by month of the sixtieth (or what it became)."""
    rows = _placed(petitions.petitions)
    noticed = rows.with_columns(limit=pl.col("registered") + NOTICE_DAYS * DAY_S)
    noticed = noticed.filter(ended(world, "limit", 1)).with_columns(
        month_of("limit"),
        good=pl.col("accepted") // DAY_S <= pl.col("limit") // DAY_S,
        rate=1 - pl.col("late_notice"),
    )
    granted = (pl.col("extended") < int(OPEN)) & (pl.col("extended") < pl.col("answered"))
    days = ANSWER_DAYS + pl.when(granted).then("extend_days").otherwise(pl.lit(0))
    handled = rows.filter(pl.col("procedure") & (pl.col("accepted") < int(OPEN)))
    handled = handled.with_columns(limit=pl.col("accepted") + days * DAY_S)
    handled = handled.filter(ended(world, "limit", 1)).with_columns(
        month_of("limit"),
        good=pl.col("answered") // DAY_S <= pl.col("limit") // DAY_S,
        rate=1 - pl.col("late_answer"),
    )
    by_office = {"department": "office_code", **PLACES}
    return pl.concat([shares("D01", noticed, by_office), shares("D02", handled, TARGET)])


def opinions(world: World, steps: Steps) -> pl.DataFrame:
    """D03 by month of the rating, D04 by month of the thirtieth day after the answer."""
    given = steps.evaluations
    own = given.filter((pl.col("eval_target") == "2") & ended(world, "given", 1)).with_columns(
        month_of("given"), good=pl.col("score") >= 4, rate=1 - pl.col("unhappy")
    )
    closed = _placed(steps.closed).with_columns(limit=pl.col("answered") + RATING_DAYS * DAY_S)
    rated = given.select("petition_no").unique().with_columns(good=pl.lit(value=True))
    closed = closed.filter(ended(world, "limit", 1)).join(rated, on="petition_no", how="left")
    closed = closed.with_columns(
        month_of("limit"), pl.col("good").fill_null(value=False), rate=1 - pl.col("silent")
    )
    by_office = {"department": "office_code", "town": "town_code", "district": "region_code"}
    return pl.concat([shares("D03", own, by_office), shares("D04", closed, TARGET)])


def settled_once(world: World, petitions: Petitions) -> pl.DataFrame:
    """D05 by month of the ninetieth day after the answer."""
    rows = _placed(petitions.petitions)
    came_back = rows.select(petition_no="prev_petition_no").drop_nulls().unique()
    first = rows.filter(pl.col("prev_petition_no").is_null() & (pl.col("answered") < int(OPEN)))
    first = first.with_columns(limit=pl.col("answered") + FOLLOWED_DAYS * DAY_S)
    first = first.filter(ended(world, "limit", 1)).with_columns(
        month_of("limit"),
        good=~pl.col("petition_no").is_in(came_back["petition_no"].implode()),
        rate=1 - pl.col("again_chance"),
    )
    return shares("D05", first, TARGET)


def backlog(world: World, gatherings: Gatherings) -> pl.DataFrame:
    """D06 of each quarter: of what was open at its start, what was settled in it and stayed so.

    No rate: how long a case waits is drawn, and its place in the quarter decides the rest.
    """
    rows, parts = _placed(gatherings.backlog), []
    years = range(world.start.year, world.end.year + 1)
    for first in (date(y, m, 1) for y in years for m in (1, 4, 7, 10)):
        following = date(first.year + (first.month + 2) // 12, (first.month + 2) % 12 + 1, 1)
        low, high = day_number(first) * DAY_S, day_number(following) * DAY_S
        if first < world.start or high > end_s(world):
            continue
        again = pl.col("rebounded") <= pl.min_horizontal(
            pl.lit(end_s(world)), pl.col("settled") + REBOUND_DAYS * DAY_S
        )
        parts.append(
            rows.filter((pl.col("listed") < low) & (pl.col("settled") >= low)).with_columns(
                good=(pl.col("settled") < high) & ~again, start=pl.lit(low, pl.Int64)
            )
        )
    if not parts:
        return shares("D06", rows.head(0).with_columns(_EMPTY), PLACES)
    every = pl.concat(parts).with_columns(quarter_of("start"), rate=pl.lit(None, pl.Float64))
    # the feed names the district where it has no town
    every = every.with_columns(pl.coalesce("district", "region_code").alias("district"))
    return shares("D06", every, PLACES)


_EMPTY = (
    pl.lit("").alias("period_label"),
    pl.lit(value=True).alias("good"),
    pl.lit(None, pl.Float64).alias("rate"),
)


def rates(world: World, steps: Steps, gatherings: Gatherings) -> pl.DataFrame:
    """All of them, in the columns of `simulation.rates`."""
    petitions = steps.petitions
    return pl.concat(
        [
            deadlines(world, petitions),
            opinions(world, steps),
            settled_once(world, petitions),
            backlog(world, gatherings),
        ]
    )
