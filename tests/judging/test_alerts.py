"""YP-A1: more persons than in the same months of last year, from published counts alone."""

from __future__ import annotations

import csv
from pathlib import Path

import polars as pl

from orchestration.judging.alerts import aggregate_alerts

SEED = Path("dbt_project/seeds/seed_warning_rule.csv")


def rules() -> pl.DataFrame:
    """The rules as shipped."""
    with SEED.open(encoding="utf-8") as lines:
        shipped = [row for row in csv.DictReader(lines) if row["rule_id"] == "YP-A1"]
    numbers = ["limit_share", "least_probability", "least_cases"]
    return pl.DataFrame(shipped).with_columns(
        pl.col(*numbers, "valid_to").replace("", None),
        pl.col("valid_from").str.to_date(),
    ).with_columns(
        pl.col(*numbers).cast(pl.Float64), pl.col("valid_to").str.to_date()
    )  # fmt: skip


def cell(unit: str, now: int | None, before: int | None) -> dict[str, object]:
    known = now is not None and before is not None
    return {
        "indicator_code": "Y02",
        "unit_level": "city" if unit == "330600" else "district",
        "unit_code": unit,
        "numerator": float(now - before) if now is not None and before is not None else None,
        "denominator": float(before) if known and before is not None else None,
        "suppressed": not known,
    }


def raised(*cells: dict[str, object]) -> set[tuple[str, str]]:
    """Ground and district of the alerts that are lit."""
    judged = pl.DataFrame(list(cells)).with_columns(
        period_start=pl.date(2026, 9, 1),
        period_end=pl.date(2026, 9, 30),
        value=100 * pl.col("numerator") / pl.col("denominator"),
        as_of=pl.datetime(2026, 10, 31, time_unit="us"),
        release_id=pl.lit("r1"),
    )
    alerts = aggregate_alerts(rules(), judged)
    return set(alerts.filter("is_raised").select("ground", "unit_code").rows())


def test_yellow_is_probable_and_red_is_counted() -> None:
    lit = raised(
        cell("doubled", 400, 200),
        cell("as_before", 200, 200),
        cell("fallen", 150, 300),
        cell("a_few_more", 11, 10),
        cell("by_ten_percent", 110, 100),
        cell("by_eleven", 111, 100),
        cell("330600", 4000, 2000),
        cell("hidden", None, None),
    )
    assert {unit for ground, unit in lit if ground == "b"} == {"doubled", "by_eleven"}
    yellow = {unit for ground, unit in lit if ground == "a"}
    assert "doubled" in yellow and not yellow & {"as_before", "fallen", "330600", "hidden"}


def test_red_asks_for_ten_persons_in_both_years() -> None:
    assert ("b", "small") not in raised(cell("small", 18, 9), cell("other", 100, 100))
    assert ("b", "ten") in raised(cell("ten", 12, 10), cell("other", 100, 100))
