"""The programme's register, the survey and task sheets counted again from the lake."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import polars as pl
import pytest

from tests.whole.recount import (
    CITY,
    TODAY,
    agree,
    agree_on_shares,
    department_of,
    judged,
    month_ends,
    rows,
    towns,
)

LEAST_ANSWERS = 400


def register(list_code: str, item_kind: str) -> pl.DataFrame:
    here = (pl.col("list_code") == list_code) & (pl.col("item_kind") == item_kind)
    return rows("R07").filter(here)


def test_applications_of_the_provinces_list(city_home: Path) -> None:
    rounds = rows("F24").sort("review_round")
    last = rounds.group_by("app_id").agg(
        pl.col("registered_date").drop_nulls().last(), pl.col("s1_major_app").last()
    )
    listed = last.filter(
        pl.col("s1_major_app").is_not_null() & (pl.col("registered_date") <= TODAY)
    )
    theirs = judged(city_home, "C04", "city", "value, denominator, light", "stock")
    now = theirs.filter(pl.col("period_start") == TODAY)
    assert now.rows() == [("330600", TODAY, float(listed.height), None, None)]
    assert listed.height == 19, "as published"


def test_projects_taken_up_of_those_the_list_states(city_home: Path) -> None:
    local = register("CH", "02").filter("is_local").height
    stated = register("CH", "01")["count_stated"].item()
    theirs = judged(
        city_home, "C05", "city", "numerator, denominator, value, interval_low", "stock"
    )
    assert theirs.rows() == [("330600", TODAY, local, stated, 100 * local / stated, None)]
    assert theirs["value"].item() == 12.5, "as published"


def test_reform_measures_done(city_home: Path) -> None:
    measures = department_of(register("RM", "03"), "org_code").drop_nulls("issued_date")
    first: date = measures["issued_date"].min()  # type: ignore[assignment]
    stock = pl.concat(
        measures.filter(pl.col("issued_date") <= day).with_columns(
            period_start=pl.lit(day), good=(pl.col("done_date") <= day).fill_null(False)
        )
        for day in [*month_ends(first, TODAY), TODAY]
    )
    department = pl.col("department").fill_null("unassigned")
    for level, unit in {"city": CITY, "department": department}.items():
        mine = stock.group_by(unit.alias("unit_code"), "period_start").agg(
            pl.col("good").sum().alias("numerator"), pl.len().alias("denominator")
        )
        theirs = judged(city_home, "C07", level, "numerator, denominator", "stock")
        agree(mine, theirs, "numerator", "denominator")
    # The register and the applications' ledger must speak of the same measures.
    rounds = rows("F24").sort("review_round").group_by("app_id").last()
    assert rounds["reform_measure_n"].sum() == measures.height


def test_districts_named_safe(city_home: Path) -> None:
    districts = towns()["town_code"].str.head(6).n_unique()
    named = register("PD", "04").filter(pl.col("result") == "01")
    mine = named.group_by(period_start=pl.date("item_year", 1, 1)).agg(
        pl.lit("330600").alias("unit_code"),
        pl.col("region_code").n_unique().alias("numerator"),
        pl.lit(districts).alias("denominator"),
    )
    theirs = judged(city_home, "C08", "city", "numerator, denominator, light", "year")
    agree(mine, theirs, "numerator", "denominator")
    whole = (pl.col("numerator") == pl.col("denominator")).alias("whole")
    assert set(theirs.select(whole, "light").rows()) <= {(True, "G"), (False, "R")}


@pytest.mark.parametrize("level", ["city", "district"])
def test_sense_of_safety_weighed(city_home: Path, level: str) -> None:
    answers = rows("P48").filter(
        (pl.col("question_code") == "Q01") & pl.col("answer_code").is_in([1, 2, 3, 4, 5])
    )
    safe = pl.col("answer_code").is_in([4, 5])
    quarter = pl.col("survey_wave").str.extract(r"Q(\d)").cast(pl.Int32)
    unit = CITY if level == "city" else pl.col("region_code")
    mine = answers.group_by(
        unit.alias("unit_code"),
        pl.date(pl.col("survey_wave").str.head(4).cast(pl.Int32), 3 * quarter - 2, 1).alias(
            "period_start"
        ),
    ).agg(
        pl.col("weight").filter(safe).sum().alias("numerator"),
        pl.col("weight").sum().alias("denominator"),
        pl.len().alias("heads"),
    )
    shown = pl.lit(level == "city") | (pl.col("heads") >= LEAST_ANSWERS)
    mine = mine.with_columns(
        pl.when(shown).then(pl.col(name)).alias(name) for name in ("numerator", "denominator")
    ).with_columns(value=100 * pl.col("numerator") / pl.col("denominator"))
    theirs = judged(city_home, "C09", level, "numerator, denominator, value, open_n", "quarter")
    agree(mine, theirs, "numerator", "denominator", "value")
    refused = rows("P48").filter((pl.col("question_code") == "Q01") & (pl.col("answer_code") == 0))
    assert theirs["open_n"].sum() == refused.height > 0


def test_task_sheets_finished_and_checked(city_home: Path) -> None:
    sheets = rows("F23")
    in_time = (pl.col("finish_date") <= pl.col("due_date")).fill_null(False)
    unchecked = pl.col("check_result").is_null() | (pl.col("check_result") == "0")
    items = sheets.select(
        "unit_code",
        "region_code",
        day="due_date",
        waits=in_time & unchecked,
        in_time=in_time,
        good=in_time & (pl.col("check_result") == "1").fill_null(False),
    )
    assert items["waits"].any()
    items = items.filter(~pl.col("waits") & (pl.col("in_time") | (pl.col("day") < TODAY)))
    units = {"unit": pl.col("unit_code"), "district": pl.col("region_code"), "city": CITY}
    agree_on_shares(city_home, "C10", items, units)
