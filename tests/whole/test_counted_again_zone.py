"""H02 and H04 counted again from the zone's own lake: the numbers shown, and which are hidden."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from pathlib import Path

import polars as pl

from tests.whole.recount import TODAY, judged, month_ends, rows, towns

NUMBERS = ("numerator", "denominator")
LEAST, LEAST_DENOMINATOR = 10, 30  # k10; DP-07 for rates of health and minors
CARED, LEFT = ("1", "2", "3"), ("2", "4", "5")  # 4 died, 5 moved away, 2 refuses


def districts() -> list[str]:
    return sorted(towns()["town_code"].str.head(6).unique())


def of_districts(items: pl.DataFrame, start: date) -> pl.DataFrame:
    """numerator and denominator of each district, those without an item too."""
    counted = items.group_by(pl.col("district_code").alias("unit_code")).agg(
        pl.col("good").sum().cast(pl.Int64).alias("numerator"),
        pl.len().cast(pl.Int64).alias("denominator"),
    )
    every = pl.DataFrame({"unit_code": districts()}).join(counted, on="unit_code", how="left")
    return every.with_columns(
        pl.lit(start).alias("period_start"), *[pl.col(n).fill_null(0) for n in NUMBERS]
    )


def small(numerator: int, denominator: int) -> bool:
    least = min(numerator, denominator - numerator)
    return least < LEAST or denominator < LEAST_DENOMINATOR


def hidden_units(cells: dict[str, tuple[int, int]]) -> set[str]:
    """The districts, and `city`, that may not be shown: small ones, and who would tell them.

    The hidden districts sum to what the city and the shown ones leave over. That sum must not be
    small either, nor may it be that of one district alone.
    """
    city = (sum(n for n, _ in cells.values()), sum(d for _, d in cells.values()))
    hidden = {unit for unit, cell in cells.items() if small(*cell)}
    if small(*city):
        return {*hidden, "city"}
    while hidden:
        good = sum(cells[u][0] for u in hidden)
        bad = sum(cells[u][1] for u in hidden) - good
        if min(good, bad) >= LEAST and len(hidden) > 1:
            break
        others = sorted(cells.keys() - hidden, key=lambda u: (cells[u][1], u))
        if not others:
            return {*hidden, "city"}
        hidden.add(others[0])
    return hidden


def expected(periods: Iterable[tuple[date, pl.DataFrame]]) -> pl.DataFrame:
    """What must be published of districts and city: null where it is hidden."""
    parts = []
    for start, items in periods:
        counted = of_districts(items, start)
        cells = {r["unit_code"]: (r[NUMBERS[0]], r[NUMBERS[1]]) for r in counted.to_dicts()}
        city = counted.select(
            pl.lit("330600").alias("unit_code"),
            *[pl.col(n).sum() for n in NUMBERS],
            pl.lit(start).alias("period_start"),
        )
        hidden = {"330600" if u == "city" else u for u in hidden_units(cells)}
        both = pl.concat([counted.select(city.columns), city])
        shown = ~pl.col("unit_code").is_in(list(hidden))
        parts.append(both.with_columns(pl.when(shown).then(pl.col(n)).alias(n) for n in NUMBERS))
    return pl.concat(parts)


def published(home: Path, code: str, window: str) -> pl.DataFrame:
    levels = [judged(home, code, level, ", ".join(NUMBERS), window) for level in LEVELS]
    return pl.concat(levels)


LEVELS = ("district", "city")


def compare(mine: pl.DataFrame, theirs: pl.DataFrame) -> None:
    key = ["unit_code", "period_start"]
    both = mine.join(theirs, on=key, how="full", suffix="_p", coalesce=True)
    assert both.height == mine.height == theirs.height > 0
    wrong = [
        pl.col(n).cast(pl.Float64).ne_missing(pl.col(f"{n}_p").cast(pl.Float64)) for n in NUMBERS
    ]
    assert both.filter(pl.any_horizontal(*wrong)).sort(key).rows() == []


def test_visits_on_time_and_what_of_them_is_hidden(city_home: Path) -> None:
    visits = rows("F12").select(
        "patient_token", "visit_date", "next_due", "reg_status", "in_hospital", "district_code"
    )
    # What one row asks for, beside every other row of the same patient.
    asked = visits.with_row_index("item").join(
        visits.select("patient_token", later="visit_date", status="reg_status"), on="patient_token"
    )
    known_by_due = asked.filter(pl.col("later") <= pl.col("next_due"))
    status = known_by_due.sort("later").group_by("item").agg(pl.col("status").last())
    met = known_by_due.filter(
        (pl.col("later") > pl.col("visit_date")) & ~pl.col("status").is_in(LEFT)
    )
    items = (
        visits.with_row_index("item")
        .join(status, on="item")
        .filter((pl.col("status") == "1") & ~pl.col("in_hospital"))
        .with_columns(good=pl.col("item").is_in(met["item"].unique().implode()))
    )
    first: date = items["next_due"].min()  # type: ignore[assignment]
    due = pl.col("next_due")
    mine = expected(
        (end.replace(day=1), items.filter(due.is_between(end.replace(day=1), end)))
        for end in month_ends(first, TODAY)
    )
    theirs = published(city_home, "H04", "month")
    compare(mine, theirs)
    assert 0 < mine["numerator"].null_count() < mine.height, "nothing hidden, or nothing shown"


def test_managed_at_the_end_of_a_quarter(city_home: Path) -> None:
    visits = rows("F12")
    reaches: date = visits["visit_date"].min()  # type: ignore[assignment]
    year = timedelta(days=365)
    ends = [d for d in month_ends(reaches, TODAY) if d.month % 3 == 0 and d - year >= reaches]
    periods = []
    for end in ends:
        known = visits.filter(pl.col("visit_date") <= end)
        recent = pl.col("visit_date") > end - year
        last = (
            known.sort("visit_date")
            .group_by("patient_token")
            .agg(
                pl.col("reg_status", "next_due", "register_date", "district_code").last(),
                recent.sum().alias("visits_n"),
            )
        )
        often = (pl.col("visits_n") >= 4) | (pl.col("register_date") > end - year)
        managed = (pl.col("reg_status") == "1") & (pl.col("next_due") >= end) & often
        items = last.filter(pl.col("reg_status").is_in(CARED)).with_columns(good=managed)
        periods.append((end, items))
    compare(expected(periods), published(city_home, "H02", "stock"))
