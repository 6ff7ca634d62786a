"""Between two releases nothing hidden may be had by subtraction (DP-08).

What is published once stays known. So of indicators under disclosure control a period that is over
is revised only by steps that tell of nobody alone: the cells hidden are the same as before, and
every count that is shown has moved by the least cell at least, or not at all. Else the period
stands as it was published, until the step has grown, or a new formula version restates it (which
is decided by people, and dated). Otherwise a cell that was shown yesterday and is hidden today
would be known, its neighbour's complement too, and a count that moved from 24 to 25 would be one
person.

Money (k5) shows no count that could be compared: below the city, where a payment could be told, it
stands. The city's own numbers of k5 and k10_below_city are published at any size, so they move.
"""

from __future__ import annotations

import polars as pl

from orchestration.judging.changes import add_changes
from orchestration.judging.revision import KEY
from orchestration.judging.suppression import LEAST_CELL

FAMILY = ["indicator_code", "window_kind", "period_start"]
# Of the release and the moment, never of the value.
_OF_NOW = ["as_of", "release_id", "fresh_until"]


def let_stand(
    judged: pl.DataFrame, before: pl.DataFrame | None, registry: pl.DataFrame
) -> pl.DataFrame:
    """The judged table, with the periods that would tell too much as they were published before.

    `before` is what the last release showed of the indicators under control, in the columns of
    `judged`; None when nothing was published yet.
    """
    if before is None or before.is_empty():
        return judged
    rules = registry.filter(pl.col("disclosure") != "none").select("indicator_code", "disclosure")
    ours = judged.join(rules, on="indicator_code")
    free = (pl.col("unit_level") == "city") & (pl.col("disclosure") != "k10")
    now, moving = ours.filter(~free), ours.filter(free)
    then = before.join(rules, on="indicator_code").filter(~free)
    held = _held(now, then)
    if held.is_empty():
        return judged
    release = judged.select("as_of", "release_id").head(1)
    fresh = judged.select("indicator_code", "unit_level", "fresh_until").unique(KEY[:2])
    stands = (
        then.join(held, on=FAMILY, how="semi")
        .drop(_OF_NOW)
        .join(fresh, on=KEY[:2], how="left")
        .join(release, how="cross")
        .select(judged.columns)
        .cast(judged.schema)
    )
    kept = now.join(held, on=FAMILY, how="anti")
    settled = pl.concat([moving.select(judged.columns), kept.select(judged.columns), stands])
    # A change against a period that stands is one against what was published of it.
    settled = add_changes(settled.drop("change_month", "change_year")).select(judged.columns)
    others = judged.join(rules, on="indicator_code", how="anti")
    return pl.concat([others, settled])


def _held(now: pl.DataFrame, then: pl.DataFrame) -> pl.DataFrame:
    """Families whose new reading would tell too much."""
    columns = [*KEY, "numerator", "denominator", "value", "suppressed", "is_running",
               "formula_version"]  # fmt: skip
    met = (
        now.select(*columns, "disclosure")
        .join(then.select(columns), on=KEY, how="full", coalesce=True, suffix="_then")
        .join(then.select(FAMILY).unique(), on=FAMILY, how="semi")
        .join(now.select(FAMILY).unique(), on=FAMILY, how="semi")
    )
    ran = pl.col("is_running_then").fill_null(False).any().over(FAMILY)
    over = met.filter(~ran).with_columns(
        pl.col("disclosure").fill_null(pl.col("disclosure").drop_nulls().first().over(FAMILY))
    )
    same_formula = pl.col("formula_version").eq_missing(pl.col("formula_version_then"))
    restated = (~same_formula & pl.col("formula_version").is_not_null()).any().over(FAMILY)
    tells = pl.col("suppressed").ne_missing(pl.col("suppressed_then")) | _small_step()
    return over.filter((tells | _hidden_step()) & ~restated).select(FAMILY).unique()


def _hidden_step() -> pl.Expr:
    """Whether what the city shows beside its districts, the hidden ones, moved by a small step."""
    sign = pl.when(pl.col("unit_level") == "city").then(1.0).otherwise(-1.0)
    whole = ((pl.col("unit_level") == "city") & pl.col("numerator").is_not_null()).any()
    moved = [
        ((pl.col(n) - pl.col(f"{n}_then")) * sign).sum().over(FAMILY).abs()
        for n in ("numerator", "denominator")
    ]
    k10 = pl.col("disclosure") == "k10"
    hidden = whole.over(FAMILY) & pl.col("suppressed").fill_null(False).any().over(FAMILY) & k10
    return hidden & pl.any_horizontal((m > 0) & (m < LEAST_CELL["k10"]) for m in moved)


def _small_step() -> pl.Expr:
    """Whether a shown cell moved by less than the least cell; of money, whether it moved."""
    numerator = pl.col("numerator") - pl.col("numerator_then")
    denominator = pl.col("denominator") - pl.col("denominator_then")
    least = pl.col("disclosure").replace_strict(LEAST_CELL, return_dtype=pl.Float64)
    of_counts = [numerator]
    of_k10 = [denominator, denominator - numerator, denominator + numerator]
    small = pl.any_horizontal(
        *(((step != 0) & (step.abs() < least)).fill_null(False) for step in of_counts),
        *(
            ((step != 0) & (step.abs() < least) & (pl.col("disclosure") == "k10")).fill_null(False)
            for step in of_k10
        ),
    )
    alone = pl.col("numerator").is_null() | (pl.col("disclosure") == "k5")
    moved = pl.col("value").ne_missing(pl.col("value_then")) | pl.any_horizontal(
        pl.col(n).ne_missing(pl.col(f"{n}_then")) for n in ("numerator", "denominator")
    )
    return small | (alone & moved)
