"""Matters with a history: when they begin, what is known when, what a rate says of them.

A life is a frame with one row per matter and its moments in local seconds since 1970 (OPEN: it
never happens). A history has a row per change, with `at`, the moment of the change; a cell
shows what had happened by then. Months and quarters of true rates are those that have ended.
"""

from __future__ import annotations

from datetime import date

import numpy as np
import numpy.typing as npt
import polars as pl

from simulation.changes import OPEN, day, end_s, moment, per_day, second_of_day
from simulation.rates import COLUMNS
from simulation.truth import UNASSIGNED
from simulation.world import DAY_S, DISTRICTS, Ints, World, to_datetime

CITY_CODE = "330600"
Flags = npt.NDArray[np.bool_]


def start_s(world: World) -> int:
    """The first second of the world."""
    return int(world.days[0]) * DAY_S


def births(world: World, rng: np.random.Generator, mean: float, before: int = 0) -> Ints:
    """Moments in office hours when matters begin, `mean` a day, sorted; and of `before` days."""
    first = int(world.days[0])
    old = first - 1 - rng.integers(0, max(before, 1), rng.poisson(mean * world.scale * before))
    days = np.concatenate([old, per_day(world, rng, mean, world.days)]).astype(np.int64)
    return np.sort(days * DAY_S + second_of_day(rng, len(days)))


def after(rng: np.random.Generator, since: Ints, low: int, high: int) -> Ints:
    """`low` to `high` whole days later, at the same time of day; what is OPEN stays OPEN."""
    later = since + rng.integers(low, high + 1, len(since)) * DAY_S
    return np.where(since >= OPEN, OPEN, later).astype(np.int64)


def either(when: Flags, then: Ints, otherwise: Ints | np.int64 = OPEN) -> Ints:
    """`then` where it holds, else `otherwise`."""
    return np.where(when, then, otherwise).astype(np.int64)


def earlier(rng: np.random.Generator, sorted_moments: Ints, at: Ints) -> Ints:
    """For each moment the position of something that existed by then, newer ones more often."""
    known = np.searchsorted(sorted_moments, at, side="right")
    return (np.sqrt(rng.random(len(at))) * known).astype(np.int64)


def changed(rows: pl.DataFrame, when: str | pl.Expr) -> pl.DataFrame:
    """The rows in which something happens, with the moment as `at`."""
    at = pl.col(when) if isinstance(when, str) else when
    return rows.with_columns(at=at.cast(pl.Int64)).filter(pl.col("at") < int(OPEN))


def history(world: World, key: str, parts: list[pl.DataFrame]) -> pl.DataFrame:
    """All changes before the world's end in order; of those before its start each key's last."""
    every = pl.concat(parts).filter(pl.col("at") < end_s(world)).sort("at", key)
    early = pl.col("at") < start_s(world)
    stock = every.filter(early).unique(key, keep="last", maintain_order=True)
    return pl.concat([stock, every.filter(~early)])


def known(name: str) -> pl.Expr:
    """Whether the moment has come by `at`."""
    return pl.col(name) <= pl.col("at")


def known_day(name: str, source: str | None = None) -> pl.Expr:
    """The date of a moment, null before it has come."""
    column = source or name
    return pl.when(known(column)).then(day(column)).alias(name)


def known_moment(name: str, source: str | None = None) -> pl.Expr:
    """The moment, null before it has come."""
    column = source or name
    return pl.when(known(column)).then(moment(column)).alias(name)


def numbered(prefix: str, name: str = "number", width: int = 8) -> pl.Expr:
    """A number with leading zeros behind its prefix."""
    return pl.lit(prefix) + pl.col(name).cast(pl.String).str.zfill(width)


def choice(rng: np.random.Generator, n: int, weights: dict[str, float]) -> pl.Series:
    """`n` codes by weight."""
    share = np.array(list(weights.values()))
    at = rng.choice(len(share), n, p=share / share.sum())
    return pl.Series(list(weights)).gather(pl.Series(at))


def region_of(world: World, town: Ints) -> pl.Series:
    """District codes of towns."""
    return pl.Series(list(DISTRICTS)).gather(pl.Series(world.district_of_town[town]))


def month_of(seconds: str) -> pl.Expr:
    """The month of a moment as a period's label."""
    return to_datetime(seconds).dt.strftime("%Y-%m").alias("period_label")


def quarter_of(seconds: str) -> pl.Expr:
    """The quarter of a moment as a period's label."""
    at = to_datetime(seconds)
    return pl.format("{}-Q{}", at.dt.year(), at.dt.quarter()).alias("period_label")


def ended(world: World, seconds: str, every: int) -> pl.Expr:
    """Whether the moment lies in a period of `every` months that began and ended in the world."""
    last = world.end.toordinal() + 1
    following = date.fromordinal(last)
    whole = (following.year * 12 + following.month - 1) // every * every
    low_month = -(-(world.start.year * 12 + world.start.month - 1) // every) * every
    if world.start.day > 1 and low_month == world.start.year * 12 + world.start.month - 1:
        low_month += every
    low, high = (date(m // 12, m % 12 + 1, 1) for m in (low_month, whole))
    unix = date(1970, 1, 1)
    return pl.col(seconds).is_between(
        (low - unix).days * DAY_S, (high - unix).days * DAY_S, closed="left"
    )


def shares(
    code: str,
    rows: pl.DataFrame,
    levels: dict[str, str],
    weight: str | None = None,
    listed: tuple[str, ...] = (),
) -> pl.DataFrame:
    """True rates of one indicator: `good` over all by unit and `period_label`, and for the city.

    `levels` gives the column that names each level's units (null: unassigned); `rate` is the
    probability the rows were drawn with; with `weight` amounts are summed instead of rows. At the
    levels in `listed` rows without a unit do not appear.
    """
    size = pl.col(weight).cast(pl.Float64) if weight else pl.lit(1.0)
    rows = rows.with_columns(__size=size, city=pl.lit(CITY_CODE))
    parts = [
        rows.group_by(
            pl.lit(level).alias("unit_level"),
            pl.col(column).fill_null(UNASSIGNED).alias("unit_code"),
            "period_label",
        ).agg(
            numerator=pl.col("__size").filter(pl.col("good")).sum(),
            denominator=pl.col("__size").sum(),
            true_rate=100 * pl.col("rate").mean(),
        )
        for level, column in {**levels, "city": "city"}.items()
    ]
    unlisted = pl.col("unit_level").is_in(listed) & (pl.col("unit_code") == UNASSIGNED)
    return (
        pl.concat(parts)
        .filter(~unlisted)
        .select(pl.lit(code).alias("indicator_code"), *COLUMNS[1:])
    )


def of_town_governments(world: World, rows: pl.DataFrame, org: str) -> pl.DataFrame:
    """With `town_of_org`: the town whose government the organisation is, null for others."""
    offices = world.organisations.filter(pl.col("role") == "town")
    towns = offices.select(pl.col("org_code").alias(org), town_of_org="town_code")
    return rows.join(towns, on=org, how="left", maintain_order="left")
