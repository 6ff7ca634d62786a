"""Trimmed means and growth against a year before, against cases worked out by other means."""

from __future__ import annotations

from datetime import date

import numpy as np
import polars as pl
from scipy import stats

from orchestration.judging.growth import grown_above, judge_growth
from orchestration.judging.lights import mark_untrimmed
from orchestration.judging.means import above, judge_means, trimmed
from orchestration.judging.panel import make_panel


def by_day(values: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Counts, sums and sums of squares by whole day, as agg_duration_days has them."""
    day = np.ceil(values).astype(int)
    size = day.max() + 1
    return (
        np.bincount(day, minlength=size).astype(float),
        np.bincount(day, weights=values, minlength=size),
        np.bincount(day, weights=values**2, minlength=size),
    )


def test_the_trimmed_mean_and_its_error_are_those_of_the_single_values() -> None:
    rng = np.random.default_rng(1)
    for n in (2, 19, 20, 137):
        values = np.ceil(rng.lognormal(1.0, 1.0, n))  # whole days: a day's mean is its value
        cut = n // 20
        mean, error, freedom = trimmed(*by_day(values))
        assert np.isclose(mean, stats.trim_mean(values, cut / n + 1e-9))
        clipped = np.sort(values).clip(np.sort(values)[cut], np.sort(values)[n - cut - 1])
        kept = n - 2 * cut
        by_hand = np.sqrt(clipped.var(ddof=1) * (n - 1) / (kept * (kept - 1)))
        assert np.isclose(error, by_hand)
        assert freedom == kept - 1


def test_within_a_day_the_sums_are_exact_where_nothing_is_cut() -> None:
    values = np.array([0.3, 0.7, 1.9, 5.25])
    mean, error, _ = trimmed(*by_day(values))
    assert np.isclose(mean, values.mean())
    assert np.isclose(error, values.std(ddof=1) / 2.0)


def test_the_posterior_of_a_mean_is_right_as_often_as_it_says() -> None:
    rng = np.random.default_rng(2)
    population = np.sort(rng.lognormal(0.6, 0.7, 400_000))
    truth = population[20_000:-20_000].mean()
    inside = 0
    for _ in range(1500):
        mean, error, freedom = (np.asarray(x) for x in trimmed(*by_day(rng.choice(population, 60))))
        inside += bool(0.05 < above(mean, error, freedom, truth) < 0.95)
    assert 0.86 < inside / 1500 < 0.93


def months(count: int) -> list[date]:
    return [date(2025 + i // 12, i % 12 + 1, 1) for i in range(count)]


def frame(unit: str, count: int, **columns: object) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "unit_code": unit, "period_start": months(count), "window_kind": "month",
            "is_complete": True, "is_provisional": False, "is_running": False, **columns,
        }
    )  # fmt: skip


def durations(unit: str, count: int, values: list[float]) -> pl.DataFrame:
    counts, sums, squares = by_day(np.array(values))
    days = np.flatnonzero(counts)
    one = pl.DataFrame(
        {
            "unit_code": unit, "days_upto": days, "rows_n": counts[days], "days_sum": sums[days],
            "days_square_sum": squares[days],
        }
    )  # fmt: skip
    return one.join(pl.DataFrame({"period_start": months(count)}), how="cross")


def test_a_slow_unit_is_beyond_the_limit_and_a_lonely_duration_says_nothing() -> None:
    given = {"fast": [1.0, 2.0, 1.5], "slow": [4.0, 5.5, 6.0], "lonely": [9.0], "alike": [4.0, 4.0]}
    rows = pl.concat(
        frame(unit, 1, stat_value=float(np.mean(v)), denominator=float(len(v)))
        for unit, v in sorted(given.items())
    )
    lengths = pl.concat(durations(unit, 1, v) for unit, v in given.items())
    panel = make_panel(rows, {})
    verdict = judge_means(panel, np.ones(4, dtype=bool), lengths, 3.0, 5.0)
    at = {unit: i for i, unit in enumerate(rows["unit_code"])}
    assert verdict.p_yellow[at["fast"]] < 0.05
    assert verdict.p_yellow[at["slow"]] > 0.9 > 0.8 > verdict.p_red[at["slow"]]
    assert np.isnan(verdict.p_yellow[at["lonely"]])
    assert np.isnan(verdict.low[at["lonely"]])
    assert (verdict.p_yellow[at["alike"]], verdict.p_red[at["alike"]]) == (1.0, 0.0)
    slow = given["slow"]
    t = stats.t(df=2, loc=np.mean(slow), scale=stats.sem(slow))
    assert np.isclose(verdict.p_red[at["slow"]], t.sf(5.0))
    assert np.isclose(verdict.high[at["slow"]], t.ppf(0.95))


def test_the_light_of_a_mean_reads_twelve_final_months() -> None:
    rows = frame("u", 14, stat_value=4.0, denominator=3.0)
    lengths = pl.concat(
        [
            durations("u", 2, [40.0, 50.0, 60.0]),
            durations("u", 14, [3.5, 4.0, 4.5]).filter(pl.col("period_start") > date(2025, 2, 1)),
        ]
    )
    panel = make_panel(rows, {})
    scored = np.ones(14, dtype=bool)
    scored[13] = False
    verdict = judge_means(panel, scored, lengths, 3.0, 10.0)
    assert verdict.rolling_denominator.tolist() == [*(3.0 * n for n in range(1, 13)), 36.0, 33.0]
    assert verdict.p_red[0] > 0.9, "the slow months count"
    assert verdict.p_red[13] < 0.01, "and leave the window"


def test_a_mean_of_few_says_that_it_is_plain() -> None:
    rows = pl.DataFrame({"denominator": [19.0, 20.0], "light_reason_zh": ["甲", "乙"]})
    assert mark_untrimmed(rows)["light_reason_zh"].to_list() == ["甲(不足20件,未截尾)", "乙"]


def test_the_ratio_of_two_rates_is_that_of_drawn_ones() -> None:
    rng = np.random.default_rng(3)
    now, before = (30.5, 10.0), (20.5, 10.0)
    drawn = rng.gamma(now[0], 1 / now[1], 400_000) / rng.gamma(before[0], 1 / before[1], 400_000)
    shapes = [tuple(np.array([x]) for x in pair) for pair in (now, before)]
    for growth in (1.1, 1.3, 2.0):
        exact = grown_above(shapes[0], shapes[1], growth)[0]
        assert abs(exact - (drawn > growth).mean()) < 0.003


def cases(unit: str, before: float, now: float, population: float) -> pl.DataFrame:
    return frame(unit, 24, numerator=[before] * 12 + [now] * 12, denominator=population)


def test_without_a_year_before_there_is_no_light() -> None:
    rows = cases("330600", 10.0, 30.0, 50.0)
    panel = make_panel(rows, {})
    verdict = judge_growth(panel, np.ones(24, dtype=bool))
    assert np.isnan(verdict.p_yellow[:12]).all() and np.isnan(verdict.threshold_red[:12]).all()
    assert verdict.p_red[12:].min() > 0.99
    assert np.allclose(verdict.target[12:], 0.2)
    assert np.allclose(verdict.threshold_yellow[12:], 0.22)
    assert verdict.rolling_numerator[23] == 360.0 and verdict.rolling_numerator[12] == 30.0


def test_a_month_that_is_not_final_is_on_neither_side() -> None:
    rows = cases("330600", 10.0, 10.0, 50.0)
    scored = np.ones(24, dtype=bool)
    scored[[0, 13]] = False
    verdict = judge_growth(make_panel(rows, {}), scored)
    assert np.isnan(verdict.p_yellow[12]), "its counterpart is not known"
    assert verdict.rolling_denominator[23] == 50.0 * 10


def test_one_more_case_in_a_small_town_is_no_red_light() -> None:
    towns = [cases(f"t{i:02d}", 1.0, 1.0, 5.0) for i in range(11)]
    small = cases("t99", 0.0, 0.0, 1.0).with_columns(
        numerator=pl.Series([1.0, *[0.0] * 11, 1.0, 1.0, *[0.0] * 10])
    )
    rows = pl.concat([*towns, small])
    verdict = judge_growth(make_panel(rows, {}), np.ones(len(rows), dtype=bool))
    assert np.isfinite(verdict.p_red).sum() == 12 * 12
    assert verdict.p_red[-1] < 0.8, "two cases after one"
    doubled = pl.concat([*towns, cases("t99", 6.0, 14.0, 5.0)])
    verdict = judge_growth(make_panel(doubled, {}), np.ones(len(doubled), dtype=bool))
    assert verdict.p_red[-1] > 0.8
