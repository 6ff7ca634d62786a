"""The arithmetic against cases that can be worked out by other means."""

from __future__ import annotations

import numpy as np
import polars as pl
from scipy import stats

from orchestration.judging import posterior
from orchestration.judging.medians import judge_medians
from orchestration.judging.panel import make_panel
from orchestration.judging.rates import judge_rates


def rows(**columns: object) -> pl.DataFrame:
    base = {
        "window_kind": "month",
        "is_complete": True,
        "is_provisional": False,
        "is_running": False,
    }
    return pl.DataFrame({**base, **columns})


def months(count: int) -> pl.Series:
    return pl.date_range(pl.date(2025, 1, 1), pl.date(2026, 12, 1), "1mo", eager=True)[:count]


def test_the_prior_recovers_the_spread_of_the_true_shares() -> None:
    rng = np.random.default_rng(1)
    truth = rng.beta(0.95 * 60, 0.05 * 60, (4000, 1))
    trials = rng.integers(20, 200, (4000, 1)).astype(float)
    prior = posterior.share_prior(rng.binomial(trials.astype(int), truth).astype(float), trials)
    assert abs(prior.mean[0] - 0.95) < 0.003
    assert 45 < prior.strength[0] < 80


def test_the_prior_recovers_the_spread_of_the_true_rates() -> None:
    rng = np.random.default_rng(2)
    exposure = rng.uniform(2, 12, (4000, 1))
    truth = rng.gamma(16.0, 5.0 / 16.0, (4000, 1))
    prior = posterior.rate_prior(rng.poisson(truth * exposure).astype(float), exposure)
    assert abs(prior.mean[0] - 5.0) < 0.1
    assert abs(np.sqrt(prior.variance[0]) - 1.25) < 0.12


def test_a_perfect_record_without_peers_is_not_yellow() -> None:
    for items in (1.0, 3.0, 50.0):
        done = np.array([[items]])
        prior = posterior.share_prior(done, done, lonely_mean=0.98)
        assert posterior.share_below(done[0], done[0], prior.mean, prior.strength, 0.98)[0] < 0.5


def test_ninety_percent_intervals_hold_the_truth_nine_times_in_ten() -> None:
    rng = np.random.default_rng(3)
    truth = rng.beta(38, 2, 5000)
    trials = rng.integers(1, 80, 5000).astype(float)
    hits = rng.binomial(trials.astype(int), truth).astype(float)
    prior = posterior.share_prior(hits[:, None], trials[:, None])
    mean, strength = np.full(5000, prior.mean[0]), np.full(5000, prior.strength[0])
    low, high = posterior.share_interval(hits, trials, mean, strength)
    assert 0.88 < np.mean((low <= truth) & (truth <= high)) < 0.92


def test_the_median_posterior_covers_the_true_median() -> None:
    """Exponential durations; true medians of 200 towns spread around 12 days."""
    rng = np.random.default_rng(4)
    towns, each = 200, 30
    truth = 12 * rng.lognormal(0, 0.3, towns)
    days = rng.exponential(truth[:, None] / np.log(2), (towns, each))
    names = [f"{i:012d}" for i in range(towns)]
    table = rows(
        unit_code=names,
        period_start=[months(1)[0]] * towns,
        stat_value=np.median(days, axis=1),
        denominator=float(each),
    )
    durations = (
        pl.DataFrame(
            {
                "unit_code": np.repeat(names, each),
                "period_start": [months(1)[0]] * (towns * each),
                "days_upto": np.ceil(days).reshape(-1).astype(int),
            }
        )
        .group_by("unit_code", "period_start", "days_upto")
        .agg(rows_n=pl.len())
    )
    verdict = judge_medians(make_panel(table, {}), np.ones(towns, bool), durations, 20.0, 30.0)
    assert 0.84 < np.mean((verdict.low <= truth) & (truth <= verdict.high)) < 0.96
    raw = np.abs(table["stat_value"].to_numpy() - truth).mean()
    assert np.abs(verdict.shrunk - truth).mean() < raw, "shrinking must bring the median nearer"
    assert np.nanmax(verdict.p_red) < 0.5


def test_a_town_of_high_crime_is_beyond_its_peers_and_the_others_are_not() -> None:
    rng = np.random.default_rng(5)
    towns = 40
    rate = np.full(towns, 5.0) * rng.gamma(60, 1 / 60, towns)
    rate[0] = 12.0
    exposure = rng.uniform(2, 8, towns)
    table = rows(
        unit_code=np.repeat([f"{i:012d}" for i in range(towns)], 12),
        period_start=pl.concat([months(12)] * towns),
        numerator=rng.poisson(np.repeat(rate * exposure, 12)).astype(float),
        denominator=np.repeat(exposure, 12),
    )
    verdict = judge_rates(make_panel(table, {}), np.ones(towns * 12, bool), is_city=False)
    last = (table["period_start"] == months(12)[-1]).to_numpy()
    assert verdict.p_red[last][0] > 0.8
    assert (verdict.p_yellow[last][1:] > 0.5).sum() <= 1


def test_peers_that_cannot_be_told_apart_raise_no_light() -> None:
    table = rows(
        unit_code=["a", "b", "c", "d"],
        period_start=[months(1)[0]] * 4,
        numerator=[10.0, 10.0, 10.0, 10.0],
        denominator=[2.0, 2.0, 2.0, 2.0],
    )
    verdict = judge_rates(make_panel(table, {}), np.ones(4, bool), is_city=False)
    assert verdict.p_yellow.max() == 0.0


def test_a_rolling_window_of_days_is_the_year_that_ends_with_the_day() -> None:
    days = pl.date_range(pl.date(2024, 1, 1), pl.date(2025, 12, 31), "1d", eager=True)
    table = pl.DataFrame({"unit_code": "330602", "window_kind": "day", "period_start": days})
    panel = make_panel(table, {})
    rolled = panel.rolling(np.ones(panel.shape))[0]
    by_day = dict(zip(days, rolled, strict=True))
    assert by_day[days[-1]] == 365  # 2025-01-01 .. 2025-12-31
    assert by_day[pl.date_range(pl.date(2024, 12, 31), pl.date(2024, 12, 31), eager=True)[0]] == 366
    assert rolled[0] == 1


def test_a_rolling_window_of_months_is_twelve_even_with_gaps() -> None:
    starts = [m for m in months(24) if m.month != 7]
    table = rows(unit_code="330602", period_start=starts)
    panel = make_panel(table, {})
    assert panel.rolling(np.ones(panel.shape))[0][-1] == 11


def test_a_rolling_window_of_quarters_is_the_four_that_end_with_it() -> None:
    starts = pl.date_range(pl.date(2025, 1, 1), pl.date(2026, 7, 1), "1q", eager=True)
    table = rows(unit_code="330602", period_start=starts).with_columns(
        window_kind=pl.lit("quarter")
    )
    panel = make_panel(table, {})
    assert panel.rolling(np.ones(panel.shape))[0].tolist() == [1, 2, 3, 4, 4, 4, 4]


def test_a_year_is_its_own_twelve_months() -> None:
    table = rows(unit_code="a", period_start=[months(1)[0], months(13)[12]]).with_columns(
        window_kind=pl.lit("year")
    )
    panel = make_panel(table, {})
    assert panel.rolling(np.ones(panel.shape))[0].tolist() == [1, 1]


def test_tails_are_those_of_the_textbook_distributions() -> None:
    one = np.ones(1)
    assert np.isclose(
        posterior.share_below(9 * one, 10 * one, 0.9 * one, 20 * one, 0.93)[0],
        stats.beta(9 + 18, 1 + 2).cdf(0.93),
    )
    assert np.isclose(
        posterior.rate_above(30 * one, 5 * one, 4 * one, 2 * one, 6 * one)[0],
        stats.gamma(34, scale=1 / 7).sf(6),
    )
