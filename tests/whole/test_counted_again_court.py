"""The court's and the procuratorate's indicators counted again from the lake, from the list."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from tests.whole.recount import (
    CITY,
    RUN_TIME,
    TODAY,
    agree,
    agree_on_amounts,
    agree_on_shares,
    day_of,
    department_of,
    judged,
    month_of,
    rows,
)

COURTS = {"city": CITY, "district": pl.col("region_code"), "court": pl.col("court_code")}
TITLES = ["0302", "0303", "0306", "0307"]


def closed_cases(*kinds: str) -> pl.DataFrame:
    cases = rows("F04").filter(pl.col("case_kind").is_in(kinds), pl.col("close_date") <= TODAY)
    return cases.with_columns(day="close_date")


def matters() -> pl.DataFrame:
    every = rows("F05").filter(pl.col("submit_time") <= RUN_TIME)
    days = (pl.col("finish_time") - pl.col("submit_time")).dt.total_microseconds() / 86_400e6
    return department_of(every, "coop_org_code").with_columns(value=days)


def test_first_time_cases_fully_enforced(city_home: Path) -> None:
    good = (pl.col("close_way") == "01").fill_null(False)
    agree_on_shares(city_home, "E01", closed_cases("1").with_columns(good=good), COURTS)


def test_amounts_recovered(city_home: Path) -> None:
    items = closed_cases("1", "2", "3").filter(pl.col("subject_amount") > 0)
    whole = pl.col("subject_amount").cast(pl.Float64)
    got = pl.min_horizontal(pl.col("actual_amount").cast(pl.Float64).fill_null(0), whole)
    items = items.with_columns(part=got, whole=whole)
    agree_on_amounts(city_home, "E02", items, COURTS)
    share = 100 * pl.col("part") / pl.col("whole")
    for level, unit in COURTS.items():
        mine = items.group_by(unit.alias("unit_code"), month_of("day").alias("period_start")).agg(
            share.median().alias("value")
        )
        agree(mine, judged(city_home, "E02#median", level, "value"), "value")


def test_cases_closed_within_the_legal_term(city_home: Path) -> None:
    cases = rows("F04").filter(pl.col("case_kind").is_in(["1", "2", "3"]))
    months = pl.when(pl.col("case_kind") == "3").then(pl.lit("3mo")).otherwise(pl.lit("6mo"))
    limit = pl.col("file_date").dt.offset_by(months) + pl.duration(days=pl.col("deduct_days"))
    cases = cases.with_columns(
        limit=limit, close_date=pl.when(pl.col("close_date") <= TODAY).then("close_date")
    )
    in_time = (pl.col("close_date") <= pl.col("limit")).fill_null(False)
    items = cases.filter(in_time | (pl.col("limit") < TODAY)).with_columns(
        good=in_time, day=pl.when(in_time).then("close_date").otherwise("limit")
    )
    agree_on_shares(city_home, "E03", items, COURTS)


def test_mean_days_without_the_shortest_and_the_longest(city_home: Path) -> None:
    finished = matters().filter(pl.col("finish_time") <= RUN_TIME)
    units = {"city": CITY, "district": pl.col("region_code"), "department": pl.col("department")}
    by_hand = pl.col("value").sort().slice(pl.len() // 20, pl.len() - 2 * (pl.len() // 20)).mean()
    for level, unit in units.items():
        mine = finished.group_by(
            unit.alias("unit_code"), month_of("finish_time").alias("period_start")
        ).agg(by_hand.alias("value"), pl.len().alias("denominator"))
        assert level == "department" or (mine["denominator"] >= 40).any()
        published = judged(city_home, "E04", level, "value, denominator")
        agree(mine, published, "value", "denominator")


def test_matters_finished_on_time(city_home: Path) -> None:
    in_time = (pl.col("finish_time") <= pl.col("due_time")).fill_null(False)
    items = (
        matters()
        .filter(in_time & (pl.col("finish_time") <= RUN_TIME) | (pl.col("due_time") <= RUN_TIME))
        .with_columns(good=in_time, day=day_of("due_time"))
    )
    units = {
        "city": CITY,
        "district": pl.col("region_code"),
        "department": pl.col("department"),
        "matter": pl.col("matter_code"),
    }
    agree_on_shares(city_home, "E05", items, units)


def test_matters_handled_online(city_home: Path) -> None:
    items = matters().with_columns(good="online", day=day_of("submit_time"))
    agree_on_shares(city_home, "E06", items, {"city": CITY, "district": pl.col("region_code")})


def test_median_days_from_auction_to_title(city_home: Path) -> None:
    titles = matters().filter(
        pl.col("matter_group") == "C",
        pl.col("matter_code").is_in(TITLES),
        pl.col("finish_time") <= RUN_TIME,
    )
    for level, unit in COURTS.items():
        mine = titles.group_by(
            unit.alias("unit_code"), month_of("finish_time").alias("period_start")
        ).agg(pl.col("value").median(), pl.len().alias("denominator"))
        published = judged(city_home, "E08", level, "value, denominator").drop_nulls("value")
        agree(mine, published, "value", "denominator")


def test_clues_that_became_cases(city_home: Path) -> None:
    items = (
        rows("F07")
        .filter(pl.col("review_result").is_in(["1", "2", "3"]), pl.col("review_date") <= TODAY)
        .with_columns(good=pl.col("review_result") == "1", day="review_date")
    )
    units = {"city": CITY, "district": pl.col("region_code"), "model": pl.col("model_code")}
    agree_on_shares(city_home, "J01", items, units, ("quarter",))


@pytest.mark.parametrize("level", ["city", "district", "department"])
def test_suggestions_answered_and_adopted(city_home: Path, level: str) -> None:
    """A city of six weeks has none due; then nothing may be published either."""
    limit = pl.col("suggest_date").dt.offset_by("2mo")
    met = (pl.col("reply_date") <= limit).fill_null(False) & pl.col("adopted").fill_null(False)
    sent = department_of(rows("F07"), "org_code").filter(pl.col("suggestion_id").is_not_null())
    due = (
        sent.with_columns(day=limit, good=met)
        .filter((pl.col("day") < TODAY) | (pl.col("reply_date") <= pl.col("day")))
        .sort("suggest_date", "clue_id")
        .group_by("suggestion_id", maintain_order=True)
        .agg(pl.all().exclude("suggestion_id", "good").first(), pl.col("good").any())
    )
    units = {"city": CITY, "district": pl.col("region_code"), "department": pl.col("department")}
    if due.is_empty():
        assert judged(city_home, "J03", level, "numerator", "quarter").is_empty()
    else:
        agree_on_shares(city_home, "J03", due, {level: units[level]}, ("quarter",), mixed=False)
