"""Shares of money, limits of all or nothing, and cells that money and crimes hide."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from orchestration.judging import suppression
from orchestration.judging.amounts import effective, judge_amounts
from orchestration.judging.panel import make_panel
from orchestration.judging.shares import Limits, judge_shares

LIMITS = Limits(98.0, 90.0, True)


def months(**columns: object) -> pl.DataFrame:
    return pl.DataFrame({"window_kind": "month", **columns}).with_columns(
        pl.col("period_start").str.to_date()
    )


def sums(amounts: list[float], paid: list[float], unit: str = "330602") -> pl.DataFrame:
    """One month of payments as the counts bear it."""
    return months(
        unit_code=[unit],
        period_start=["2026-03-01"],
        numerator=[float(sum(paid))],
        denominator=[float(sum(amounts))],
        stat_value=[float(sum(a * a for a in amounts))],
    )


def test_equal_payments_are_judged_as_so_many_items() -> None:
    counted = months(
        unit_code=["330602"], period_start=["2026-03-01"], numerator=[37.0], denominator=[40.0]
    )
    one = np.ones(1, dtype=bool)
    shares = judge_shares(make_panel(counted, {}), one, *LIMITS, False)
    money = judge_amounts(make_panel(sums([250.0] * 40, [250.0] * 37), {}), one, LIMITS)
    for name in ("value", "shrunk", "low", "high", "p_yellow", "p_red"):
        assert getattr(money, name) == pytest.approx(getattr(shares, name)), name
    assert money.rolling_numerator.tolist() == [9250.0]


def test_one_large_payment_among_small_ones_is_worth_little_more_than_one() -> None:
    hits, trials = effective(np.array([990.0]), np.array([1000.0]), np.array([990.0**2 + 10.0]))
    assert 1.0 < trials[0] < 1.03
    assert hits[0] / trials[0] == pytest.approx(0.99)
    none = effective(np.zeros(1), np.zeros(1), np.zeros(1))
    assert (none[0][0], none[1][0]) == (0.0, 0.0)


def test_the_interval_of_uneven_payments_is_wider_than_that_of_as_many_equal_ones() -> None:
    one = np.ones(1, dtype=bool)
    even = judge_amounts(make_panel(sums([100.0] * 20, [100.0] * 18), {}), one, LIMITS)
    uneven = sums([1800.0] + [200 / 19] * 19, [1800.0])
    wide = judge_amounts(make_panel(uneven, {}), one, LIMITS)
    assert even.value == pytest.approx(90.0) == pytest.approx(wide.value)
    assert wide.high - wide.low > 2 * (even.high - even.low)


def test_twelve_months_of_payments_carry_the_light() -> None:
    rows = months(
        unit_code=["330602"] * 2,
        period_start=["2025-12-01", "2026-03-01"],
        numerator=[0.0, 5000.0],
        denominator=[5000.0, 5000.0],
        stat_value=[50 * 100.0**2] * 2,
    )
    verdict = judge_amounts(make_panel(rows, {}), np.ones(2, dtype=bool), LIMITS)
    assert verdict.value.tolist() == [0.0, 100.0]
    assert verdict.p_red[1] > 0.99, "half of the year's money was late"


@pytest.mark.parametrize(
    ("hits", "higher", "limits", "p_yellow"),
    [
        (40.0, True, (100.0, 95.0), 0.0),
        (39.0, True, (100.0, 95.0), 1.0),
        (0.0, False, (0.0, None), 0.0),
        (1.0, False, (0.0, None), 1.0),
    ],
)
def test_below_all_and_above_nothing_are_known_not_estimated(
    hits: float, higher: bool, limits: tuple[float, float | None], p_yellow: float
) -> None:
    rows = months(
        unit_code=["330602"], period_start=["2026-03-01"], numerator=[hits], denominator=[40.0]
    )
    one = np.ones(1, dtype=bool)
    verdict = judge_shares(make_panel(rows, {}), one, *limits, higher, False)
    assert verdict.p_yellow.tolist() == [p_yellow]
    if higher:
        assert 0.0 < verdict.p_red[0] < 0.5, "the other limit is still judged by its posterior"


def test_both_limits_at_all_are_known_too() -> None:
    rows = months(
        unit_code=["330602"], period_start=["2026-03-01"], numerator=[3.0], denominator=[3.0]
    )
    verdict = judge_shares(make_panel(rows, {}), np.ones(1, dtype=bool), 100.0, 100.0, True, False)
    assert (verdict.p_yellow.tolist(), verdict.p_red.tolist()) == ([0.0], [0.0])


PARENTS = pl.DataFrame(
    {
        "unit_level": ["district"] * 3 + ["city"],
        "unit_code": ["330602", "330603", "330681", "330600"],
        "parent_level": ["city"] * 3 + [None],
        "parent_code": ["330600"] * 3 + [None],
    }
)


def cells(level: str, units: list[str], counts: list[int]) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "indicator_code": "X",
            "unit_level": level,
            "unit_code": units,
            "window_kind": "quarter",
            "period_start": "2026-01-01",
            "numerator": [float(n) for n in counts],
            "denominator": [1.2] * len(units),
            "stat_value": [n / 1.2 for n in counts],
            "population_n": counts,
            "rolling_numerator": [1.0] * len(units),
            "rolling_denominator": [2.0] * len(units),
        }
    )


def test_crimes_are_hidden_below_the_city_only() -> None:
    districts = cells("district", ["330602", "330603", "330681"], [0, 9, 10])
    marked = suppression.mark(districts, "k10_below_city", PARENTS)
    assert marked["suppressed"].to_list() == [True, True, False]
    city = suppression.mark(cells("city", ["330600"], [3]), "k10_below_city", PARENTS)
    assert city["suppressed"].to_list() == [False]


def test_money_of_fewer_than_five_is_hidden_and_no_year_gives_it_back() -> None:
    rows = cells("district", ["330602", "330603", "330681"], [4, 5, 60])
    marked = suppression.mark(rows, "k5", PARENTS)
    assert marked["suppressed"].to_list() == [True, True, False], "one alone would be a difference"
    hidden = suppression.hide(marked, "k5")
    assert hidden["numerator"].to_list() == [None, None, 60.0]
    assert hidden["rolling_numerator"].to_list() == [None, None, None]
    assert suppression.hide(marked)["rolling_numerator"].to_list() == [None, None, 1.0]
