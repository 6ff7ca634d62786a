"""True answers that are no plain share: counts, amounts, statistics, stocks, rates of residents.

All of them are as known at the world's last second, a running period included as far as it has
come. Rows bear `period_label`, spelled as the product spells it, and one column per unit level.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import polars as pl

from simulation.rates import COLUMNS
from simulation.truth import UNASSIGNED
from simulation.world import DAY_S, World, day_number, to_datetime

CITY_CODE = "330600"
EVERYWHERE = {"city": "city"}
COUNT = pl.len().cast(pl.Float64)
NOTHING = pl.lit(None, pl.Float64)


def tally(
    code: str,
    rows: pl.DataFrame,
    levels: Mapping[str, str],
    numerator: pl.Expr,
    denominator: pl.Expr = COUNT,
    rate: pl.Expr = NOTHING,
) -> pl.DataFrame:
    """One indicator's rows by unit and period, in the columns of `simulation.rates`.

    `levels`: the column that names each level's units (null: unassigned); `city` is everything.
    The expressions aggregate the rows of a unit; `rate` is in % or in the indicator's unit.
    """
    rows = rows.with_columns(city=pl.lit(CITY_CODE))
    return pl.concat(
        [
            rows.group_by(
                pl.lit(code).alias("indicator_code"),
                pl.lit(level).alias("unit_level"),
                pl.col(column).fill_null(UNASSIGNED).alias("unit_code"),
                "period_label",
            ).agg(
                numerator.cast(pl.Float64).alias("numerator"),
                denominator.cast(pl.Float64).alias("denominator"),
                rate.cast(pl.Float64).alias("true_rate"),
            )
            for level, column in levels.items()
        ]
    ).select(COLUMNS)


def good(name: str = "good") -> pl.Expr:
    """How many rows are good."""
    return pl.col(name).sum().cast(pl.Float64)


def percent(chance: float) -> pl.Expr:
    """A drawn probability that is the same for every row, in %."""
    return pl.lit(100 * chance, pl.Float64)


def half_year_of(seconds: str) -> pl.Expr:
    """The half-year of a moment as a period's label."""
    at = to_datetime(seconds)
    return pl.format("{}-H{}", at.dt.year(), (at.dt.month() + 5) // 6).alias("period_label")


def year_of(seconds: str) -> pl.Expr:
    """The year of a moment as a period's label."""
    return to_datetime(seconds).dt.strftime("%Y").alias("period_label")


def reading_days(world: World, months: int = 1) -> list[date]:
    """The days on which a stock is read: the ends of months (of every third: of quarters)."""
    days = pl.date_range(world.start.replace(day=1), world.end, "1mo", eager=True).dt.month_end()
    return [d for d in days.to_list() if d <= world.end and d.month % months == 0]


def standing(world: World, rows: pl.DataFrame, since: str, until: str) -> pl.DataFrame:
    """The rows that stand at 24:00 of each month's end and of the last day, with `read` (its day).

    `since`, `until`: local seconds in which a row begins and ceases to stand (OPEN: never).
    """
    days = sorted({*reading_days(world), world.end})
    read = pl.DataFrame(
        {"read": [day_number(d) for d in days], "period_label": [d.isoformat() for d in days]},
        schema_overrides={"read": pl.Int64},
    )
    at_end = (pl.col("read") + 1) * DAY_S
    return rows.join(read, how="cross").filter((pl.col(since) < at_end) & (pl.col(until) >= at_end))


def residents(world: World) -> pl.DataFrame:
    """unit_level, unit_code, people: towns, districts, and the city."""
    towns = world.towns.select("town_code", "region_code", people="pop")
    levels = {"town": pl.col("town_code"), "district": pl.col("region_code")}
    levels["city"] = pl.lit(CITY_CODE)
    return pl.concat(
        [
            towns.group_by(pl.lit(level).alias("unit_level"), unit.alias("unit_code")).agg(
                pl.col("people").sum()
            )
            for level, unit in levels.items()
        ]
    )


def per_residents(
    world: World, counted: pl.DataFrame, each: int, zeros: Mapping[str, str] | None = None
) -> pl.DataFrame:
    """Counts over residents: `each` of them are 1. What belongs to no place has none, and no row.

    `zeros`: levels at which every place has a row in every period that occurs, with 0 where
    nothing was counted.
    """
    place = residents(world)
    if zeros is not None:
        place = place.filter(pl.col("unit_level").is_in(list(zeros)))
        periods = counted.select("indicator_code", "period_label").unique()
        grid = place.join(periods, how="cross").join(counted, on=COLUMNS[:4], how="left")
    else:
        grid = counted.join(place, on=["unit_level", "unit_code"])
    return grid.with_columns(
        pl.col("numerator").fill_null(0.0), denominator=pl.col("people") / each
    ).select(COLUMNS)
