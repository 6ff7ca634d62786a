"""Judge of a median of durations: D12, E08.

A median is beyond 20 days exactly when less than half of the durations are within 20 days. With
F(t) the share settled within t days, P(median > t | data) = P(F(t) < 1/2 | data), and F(t) is a
share like any other: Beta-Binomial with the peers' prior at t. So one posterior serves the light,
the shrunk median (where the posterior mean of F crosses 1/2) and its interval (where that
probability crosses 0.95 and 0.05); no new method, no normal approximation of a skewed quantity.
Durations come as counts per whole day (agg_duration_days); inside a day they are spread evenly.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import polars as pl

from orchestration.judging import posterior
from orchestration.judging.panel import Ints, Panel
from orchestration.judging.posterior import Floats
from orchestration.judging.verdict import Verdict

LONGEST_DAYS = 240  # everything longer counts as longer than this


def judge_medians(
    panel: Panel,
    scored: npt.NDArray[np.bool_],
    durations: pl.DataFrame,
    yellow: float,
    red: float,
) -> Verdict:
    """Judge all rows of a panel; `durations` has unit_code, period_start, days_upto, rows_n."""
    counts = cube(panel, durations)  # (units, periods, days)
    usable = np.zeros(panel.shape)
    usable[panel.unit, panel.period] = scored
    verdict = Verdict.empty(len(panel.rows))
    verdict.value = panel.rows["stat_value"].to_numpy()
    member = (panel.group[panel.unit] >= 0) & (panel.rows["denominator"].to_numpy() > 0)

    within, total = np.cumsum(counts, axis=2), counts.sum(axis=2)
    shrunk, low, high = _median_posterior(panel, within, total)
    verdict.shrunk = np.where(member, panel.at_rows(shrunk), np.nan)
    verdict.low = np.where(member, panel.at_rows(low), np.nan)
    verdict.high = np.where(member, panel.at_rows(high), np.nan)

    long_total = panel.rolling(total * usable)
    for name, limit in (("yellow", yellow), ("red", red)):
        long_within = panel.rolling(within[:, :, int(limit)] * usable)
        mean, strength = _priors(panel, long_within, long_total)
        beyond = posterior.share_below(long_within, long_total, mean, strength, 0.5)
        known = member & (panel.at_rows(long_total) > 0)
        setattr(verdict, f"p_{name}", np.where(known, panel.at_rows(beyond), np.nan))
        if name == "yellow":
            verdict.rolling_numerator = panel.at_rows(long_total - long_within)
    verdict.rolling_denominator = panel.at_rows(long_total)
    return verdict


def cube(panel: Panel, durations: pl.DataFrame, measure: str = "rows_n") -> Floats:
    """A measure by unit, period and whole day 0..LONGEST_DAYS+1 (the last bin: longer)."""
    spread = np.zeros((*panel.shape, LONGEST_DAYS + 2))
    position = dict(zip(panel.rows["unit_code"].to_list(), panel.unit, strict=True))
    unit = durations["unit_code"].replace_strict(position, return_dtype=pl.Int64).to_numpy()
    start = durations["period_start"].to_numpy().astype("datetime64[D]")
    day = np.clip(durations["days_upto"].to_numpy(), 0, LONGEST_DAYS + 1)
    values = durations[measure].to_numpy().astype(np.float64)
    np.add.at(spread, (unit, np.searchsorted(panel.starts, start), day), values)
    return spread


def _priors(panel: Panel, hits: Floats, trials: Floats) -> tuple[Floats, Floats]:
    mean, strength = np.full(panel.shape, 0.5), np.ones(panel.shape)
    for members in panel.groups():
        prior = posterior.share_prior(hits[members], trials[members])
        mean[members], strength[members] = prior.mean, prior.strength
    return mean, strength


def _median_posterior(panel: Panel, within: Floats, total: Floats) -> tuple[Floats, Floats, Floats]:
    """Shrunk median and its 90 % interval for every (unit, period), in days."""
    expected, shorter = curves(panel.groups(), within, total)
    return crossing(expected, 0.5), crossing(shorter, 0.05), crossing(shorter, 0.95)


def curves(groups: list[Ints], within: Floats, total: Floats) -> tuple[Floats, Floats]:
    """For every (unit, period, day t): the posterior mean of F(t), and P(median <= t).

    `within` (units, periods, days + 1) counts durations up to each day, the last entry longer ones;
    `groups` are indices of units that are each other's prior.
    """
    units, periods, days = within.shape[0], within.shape[1], within.shape[2] - 1
    mean = np.full((units, periods, days), 0.5)
    strength = np.ones((units, periods, days))
    trials = np.repeat(total[:, :, None], days, axis=2)
    hits = within[:, :, :days]
    for members in groups:
        size = (len(members), periods * days)
        prior = posterior.share_prior(hits[members].reshape(size), trials[members].reshape(size))
        mean[members] = prior.mean.reshape(periods, days)
        strength[members] = prior.strength.reshape(periods, days)
    expected = np.maximum.accumulate(posterior.share_mean(hits, trials, mean, strength), axis=2)
    longer = posterior.share_below(hits, trials, mean, strength, 0.5)
    return expected, np.maximum.accumulate(1.0 - longer, axis=2)


def crossing(rising: Floats, level: float) -> Floats:
    """The day, with its fraction, where a rising curve over days first reaches a level."""
    reached = rising >= level
    first = np.where(reached.any(axis=2), reached.argmax(axis=2), rising.shape[2] - 1)
    before = np.maximum(first - 1, 0)
    grid = np.ix_(np.arange(rising.shape[0]), np.arange(rising.shape[1]))
    upper, lower = rising[(*grid, first)], rising[(*grid, before)]
    with np.errstate(invalid="ignore", divide="ignore"):
        part = np.clip(np.where(upper > lower, (level - lower) / (upper - lower), 1.0), 0.0, 1.0)
    return np.where(first == 0, 0.0, before + part)
