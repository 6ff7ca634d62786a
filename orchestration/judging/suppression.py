"""Disclosure control by the registry's `disclosure` (reading 14 of the domain).

none: places, organisations, applications. k5: counts of persons or households, a cell from 1 to 4
is hidden. k10: derived from health or minors, a cell under 10, zero included, is hidden, and so is
a rate whose denominator is under 30 (DP-07). If exactly one child of a parent is hidden while the
parent is shown, subtraction would give it back: the smallest other child is hidden with it.
A statistic that is no quotient of its counts (a change, a median) is hidden by population_n, the
smallest count behind it. k10_below_city: crimes that grew out of disputes, k10 except for the city.

What comes out of an L4 zone was hidden there already, by the macro `declassify`; it arrives without
numbers and stays hidden. Here the rule holds once more, as the second lock.
"""

from __future__ import annotations

from typing import Literal

import polars as pl

LEAST_CELL = {"none": 0, "k5": 5, "k10": 10, "k10_below_city": 10}
LEAST_DENOMINATOR = {"none": 0, "k5": 0, "k10": 30, "k10_below_city": 0}
HIDDEN = (
    "numerator", "denominator", "value", "value_shrunk", "interval_low", "interval_high",
    "rolling_numerator", "rolling_denominator", "p_yellow", "p_red", "change_month",
    "change_year", "open_n",
)  # fmt: skip
_PERIOD = ["indicator_code", "window_kind", "period_start"]


def mark(rows: pl.DataFrame, disclosure: str, parents: pl.DataFrame) -> pl.DataFrame:
    """Add `suppressed`. `parents` maps (unit_level, unit_code) to (parent_level, parent_code)."""
    least = LEAST_CELL[disclosure]
    if least == 0:
        return rows.with_columns(suppressed=pl.lit(False))
    numerator, denominator = pl.col("numerator"), pl.col("denominator")
    zero_too: Literal["none", "left"] = "left" if disclosure.startswith("k10") else "none"
    few = LEAST_DENOMINATOR[disclosure]
    small = (
        numerator.is_between(0, least, closed=zero_too).fill_null(disclosure == "k10")
        | (denominator - numerator).is_between(0, least, closed=zero_too).fill_null(False)
        | (denominator < few).fill_null(False)
    )
    if "stat_value" in rows.columns:
        behind = pl.col("population_n") < max(least, few)
        small = pl.when(pl.col("stat_value").is_null()).then(small).otherwise(behind)
    if disclosure == "k10_below_city":
        small &= pl.col("unit_level") != "city"
    marked = rows.with_columns(suppressed=small).join(
        parents.select("unit_level", "unit_code", "parent_level", "parent_code"),
        on=["unit_level", "unit_code"],
        how="left",
    )
    family = [*_PERIOD, "unit_level", "parent_level", "parent_code"]
    shown = ~pl.col("suppressed")
    lonely = pl.col("suppressed").sum().over(family) == 1
    smallest = (
        pl.when(shown).then(denominator.fill_null(0)).otherwise(None).rank("ordinal").over(family)
        == 1
    )
    return marked.with_columns(
        suppressed=pl.col("suppressed") | (lonely & shown & smallest.fill_null(False))
    ).drop("parent_level", "parent_code")


def hide(rows: pl.DataFrame, disclosure: str = "none") -> pl.DataFrame:
    """Empty the numbers of suppressed rows; the row stays, so that its absence tells nothing.

    Of k5 no row shows its twelve months: beside the other months they would give a hidden one back.
    """
    present = [name for name in HIDDEN if name in rows.columns]
    if disclosure == "k5":
        rolling = [name for name in present if name.startswith("rolling_")]
        rows = rows.with_columns(pl.lit(None, dtype=pl.Float64).alias(name) for name in rolling)
    return rows.with_columns(
        pl.when(pl.col("suppressed")).then(None).otherwise(pl.col(name)).alias(name)
        for name in present
    )
