"""Values that are compared as they are: censuses, small stocks, changes against a year before."""

from __future__ import annotations

import duckdb
import polars as pl
import pytest

from orchestration.judging import lights, suppression
from tests.golden.conftest import Golden

PARENTS = pl.DataFrame(
    {
        "unit_level": ["city"],
        "unit_code": ["330600"],
        "parent_level": [None],
        "parent_code": [None],
    },
    schema_overrides={"parent_level": pl.String, "parent_code": pl.String},
)


def judged(golden: Golden, code: str, unit: str, label: str) -> dict[str, object]:
    with duckdb.connect(str(golden.database), read_only=True) as con:
        found = con.execute(
            "select * from judged.fct_indicator where indicator_code = ? and unit_code = ?"
            " and period_label = ? and (unit_level = 'city') = (unit_code = '330600')",
            [code, unit, label],
        ).pl()
    row: dict[str, object] = found.row(0, named=True)
    return row


@pytest.mark.parametrize(
    ("code", "unit", "label", "value", "light", "reason"),
    [
        ("K03", "330602", "2026-04-02", 1.0, "Y", "有1条及以上(黄灯线)"),
        ("K03#overdue", "330681", "2026-03-31", 1.0, "R", "有1条及以上(红灯线)"),
        ("K03", "unassigned", "2026-04-02", 1.0, None, "未归属"),
        ("C05", "330600", "2026-04-02", 12.5, None, "不设灯"),
        ("C04", "330600", "2026-04-02", 1.0, None, "不设灯"),
        ("C08", "330600", "2024", 100.0, "G", "未超出界限"),
        ("C08", "330600", "2025", 50.0, None, "暂定值"),
        ("H01", "330600", "2026-03-31", 74 / 182, None, "不设灯"),
        ("Y01", "330602", "2026-03", 700.0, None, "不设灯"),
        ("Y02", "330600", "2026-01至03", -18.0, "G", "未超出界限"),
        ("Y02", "330602", "2026-01至03", None, None, "不公开"),
        ("Y04", "330600", "2026-Q1", -25.0, "G", "未超出界限"),
        ("Y07", "330600", "2026-Q1", None, None, "不公开"),
    ],
)
def test_it_is_compared_as_it_is(
    golden_home: Golden,
    code: str,
    unit: str,
    label: str,
    value: float | None,
    light: str | None,
    reason: str,
) -> None:
    row = judged(golden_home, code, unit, label)
    assert row["value"] == (None if value is None else pytest.approx(value))
    assert row["light"] == light and reason in str(row["light_reason_zh"])
    assert row["interval_low"] is row["p_red"] is row["rolling_denominator"] is None


@pytest.mark.parametrize(
    ("value", "direction", "light"),
    [
        (0.0, "lower", "G"), (0.1, "lower", "Y"), (10.0, "lower", "Y"), (10.1, "lower", "R"),
        (10.0, "higher", "G"), (9.9, "higher", "Y"), (0.0, "higher", "Y"), (-0.1, "higher", "R"),
    ],
)  # fmt: skip
def test_a_limit_is_not_yet_beyond_it(value: float, direction: str, light: str) -> None:
    low, high = (0.0, 10.0) if direction == "lower" else (10.0, 0.0)
    rows = pl.DataFrame(
        {
            "value": [value], "threshold_yellow": [low], "threshold_red": [high],
            "suppressed": [False], "unit_code": ["330602"], "is_complete": [True],
            "is_provisional": [False], "is_running": [False], "quality_flag": ["ok"],
        }
    )  # fmt: skip
    words = lights.Words("黄", "红", "当期")
    assert lights.decide_direct(rows, direction, words)["light"].to_list() == [light]


def test_a_change_is_hidden_by_the_smallest_count_behind_it() -> None:
    rows = pl.DataFrame(
        {
            "indicator_code": ["Y"] * 3, "window_kind": ["ytd"] * 3,
            "period_start": ["2026-01-01", "2026-02-01", "2026-03-01"],
            "unit_level": ["city"] * 3, "unit_code": ["330600"] * 3,
            "numerator": [-3.0, -60.0, 3.0], "denominator": [100.0, 90.0, 29.0],
            "stat_value": [-3.0, -66.7, 10.3], "population_n": [97, 30, 29],
        }
    )  # fmt: skip
    hidden = suppression.mark(rows, "k10", PARENTS)["suppressed"].to_list()
    assert hidden == [False, False, True], "a difference of three hides nobody, 29 persons do"
    assert suppression.mark(rows, "k5", PARENTS)["suppressed"].to_list() == [False] * 3


def test_a_half_year_is_named_after_its_half(golden_home: Golden) -> None:
    row = judged(golden_home, "Y06", "330600", "2025-H2")
    assert (row["numerator"], row["denominator"]) == (58.0, 84.0)
    assert str(row["period_start"]) == "2025-07-01" and str(row["period_end"]) == "2025-12-31"
