"""What a delivery shows of things that change: the last change of each key in its period.

`updated` is the local time at which the source changed a row. Whatever changed twice within one
period is shown once, as it was at the period's end.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from simulation.world import DAY_S, Ints, World

PSEUDONYM = "SIMTOKEN"  # marks pseudonyms of a source, so that the leak scan can look for them
OPEN = np.int64(2**62)


def moment(name: str, source: str | None = None) -> pl.Expr:
    """Local seconds since 1970 as a naive timestamp; OPEN becomes null."""
    column = pl.col(source or name)
    seconds = pl.when(column < int(OPEN)).then(column)
    return (seconds * 1_000_000).cast(pl.Datetime("us")).alias(name)


def day(name: str, source: str | None = None) -> pl.Expr:
    """Local seconds since 1970 as a date; OPEN becomes null."""
    return moment(name, source).dt.date().alias(name)


def shown(rows: pl.DataFrame, key: str | list[str], world: World) -> pl.DataFrame:
    """What the deliveries of the world's own periods show."""
    return shown_between(rows, [key] if isinstance(key, str) else key, world.period_bounds_s)


def shown_between(rows: pl.DataFrame, keys: list[str], bounds_s: Ints) -> pl.DataFrame:
    """The rows a delivery shows, in order of change, with the number of its `period`.

    `bounds_s`: local seconds since 1970 where the periods begin, and the end of the last. Changes
    before the first belong to it; those after the last to none.
    """
    at = rows["updated"].dt.cast_time_unit("us").to_physical().to_numpy()
    period = np.maximum(np.searchsorted(bounds_s * 1_000_000, at, side="right") - 1, 0)
    return (
        rows.with_columns(period=pl.Series(period, dtype=pl.Int64))
        .filter(pl.col("period") < len(bounds_s) - 1)
        .sort("updated", *keys, maintain_order=True)
        .unique([*keys, "period"], keep="last", maintain_order=True)
    )


def pseudonyms(number: Ints, salt: int) -> pl.Series:
    """Raw pseudonyms of a source: a mark and 24 hexadecimal digits, the same for one number."""
    mixed = (number.astype(np.uint64) + np.uint64(salt)) * np.uint64(0x9E3779B97F4A7C15)
    again = (mixed ^ (mixed >> np.uint64(29))) * np.uint64(0xBF58476D1CE4E5B9)
    first = np.char.mod("%016X", again)
    second = np.char.mod("%08X", (mixed >> np.uint64(32)))
    return pl.Series("p", np.char.add(np.char.add(PSEUDONYM, first), second).tolist())


def from_days(name: str) -> pl.Expr:
    """Day numbers as local seconds since 1970; OPEN stays OPEN (times a day it would overflow)."""
    column = pl.col(name)
    return pl.when(column < int(OPEN)).then(column * DAY_S).otherwise(pl.lit(int(OPEN)))


def second_of_day(rng: np.random.Generator, n: int, first: float = 8.0, last: float = 17.5) -> Ints:
    """Seconds within office hours."""
    return np.asarray(rng.uniform(first * 3600, last * 3600, n).astype(np.int64))


def per_day(world: World, rng: np.random.Generator, mean: float, days: Ints) -> Ints:
    """Day numbers of events, `mean` a day at scale 1, busy days more."""
    factor = world.day_factor[days - world.days[0]]
    return np.repeat(days, rng.poisson(mean * world.scale * factor))


def days_from(world: World, first: int) -> Ints:
    """Days of the world from a day number on."""
    return world.days[world.days >= first]


def end_s(world: World) -> int:
    """The first second after the world."""
    return int(world.days[-1] + 1) * DAY_S
