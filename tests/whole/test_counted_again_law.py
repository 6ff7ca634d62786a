"""The indicators of enforcement cases counted again from the lake, from the list of formulas."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest

from tests.whole.recount import (
    CITY,
    RUN_TIME,
    TODAY,
    agree,
    agree_on_shares,
    day_of,
    judged,
    month_of,
    rows,
    town_or_none,
)

UNITS = {
    "city": CITY,
    "district": pl.col("region_code"),
    "department": pl.col("dept_org_code").fill_null(pl.col("agency_code")),
    "enforcement_domain": pl.col("case_domain"),
}


def cases() -> pl.DataFrame:
    """F08's cases with the department of their agency."""
    departments = rows("R02").select("org_code", "dept_org_code")
    return rows("F08").join(departments, left_on="agency_code", right_on="org_code", how="left")


def test_cases_pooled(city_home: Path) -> None:
    for level, unit in UNITS.items():
        for window, start in (("day", day_of("file_date")), ("to_date", pl.lit(TODAY))):
            mine = cases().filter(pl.col("file_date") <= TODAY)
            mine = mine.group_by(unit.alias("unit_code"), start.alias("period_start")).agg(
                pl.col("case_id").n_unique().alias("numerator")
            )
            agree(mine, judged(city_home, "L01", level, "numerator", window), "numerator")


def windows() -> Iterator[tuple[str, pl.Expr, pl.Expr]]:
    """(window, its first day, the moment at which its lights are read)."""
    end = month_of("file_date").dt.month_end().dt.offset_by("1d").cast(pl.Datetime("us"))
    yield "month", month_of("file_date"), pl.min_horizontal(end, pl.lit(RUN_TIME))
    yield "to_date", pl.lit(TODAY), pl.lit(RUN_TIME)


@pytest.mark.parametrize("code", ["L02", "L03"])
def test_lights_per_case(city_home: Path, code: str) -> None:
    raised = rows("F09").select("case_id", "light", "warn_time")
    lit = 0
    for window, start, read_at in windows():
        every = cases().filter(pl.col("file_date") <= TODAY).with_columns(read_at=read_at)
        lights = every.join(raised, on="case_id").filter(pl.col("warn_time") < pl.col("read_at"))
        red = lights.filter(pl.col("light") == "R")["case_id"].unique()
        yellow = lights.filter(pl.col("light") == "Y")["case_id"].unique()
        is_red = pl.col("case_id").is_in(red.implode())
        is_yellow = pl.col("case_id").is_in(yellow.implode()) & ~is_red
        good = is_red if code == "L02" else is_yellow
        lit += every.filter(good).height
        for level, unit in UNITS.items():
            mine = every.group_by(unit.alias("unit_code"), start.alias("period_start")).agg(
                good.sum().alias("numerator"), pl.len().alias("denominator")
            )
            published = judged(city_home, code, level, "numerator, denominator", window)
            agree(mine, published, "numerator", "denominator")
    assert lit > 0


def test_penalties_decided_in_ninety_days(city_home: Path) -> None:
    ended = pl.min_horizontal("decide_date", "close_date")
    due = pl.col("file_date") + pl.duration(days=90 + pl.col("suspend_days"))
    handed_over = (pl.col("transfer_date") <= pl.col("day")).fill_null(False)
    items = (
        cases()
        .with_columns(day=due, ended=ended)
        .filter(~handed_over)
        .with_columns(good=(pl.col("ended") <= pl.col("day")).fill_null(False))
        .filter(pl.col("good") | (pl.col("day") < TODAY))
    )
    units = {k: u for k, u in UNITS.items() if k != "enforcement_domain"}
    agree_on_shares(city_home, "L09", items, {**units, "town": town_or_none()})
