"""Judge of a share: D07, D09, C01, C02, Q01, Q03.

The value is the raw share of the period. Beside it stand the share shrunk towards the peers of the
same period and its 90 % interval. The light reads another quantity: the posterior of the twelve
rolling months (a stock: of the stock itself), because one month of a small town says little.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from orchestration.judging import posterior
from orchestration.judging.panel import Panel
from orchestration.judging.posterior import Floats
from orchestration.judging.verdict import Verdict


class Limits(NamedTuple):
    """Limits of a share in percent; none where there is no light."""

    yellow: float | None
    red: float | None
    higher_is_better: bool


def judge_shares(
    panel: Panel,
    scored: npt.NDArray[np.bool_],
    yellow: float | None,
    red: float | None,
    higher_is_better: bool,
    is_stock: bool,
) -> Verdict:
    """Judge all rows of a panel; limits are percentages, `scored` marks rows that may count."""
    hits = panel.rows["numerator"].to_numpy()
    trials = panel.rows["denominator"].to_numpy()
    if is_stock:
        long = panel.dense(hits), panel.dense(trials)
    else:
        long = panel.rolling(panel.dense(hits, scored)), panel.rolling(panel.dense(trials, scored))
    return judge_counts(panel, (hits, trials), long, Limits(yellow, red, higher_is_better))


def judge_counts(
    panel: Panel, here: tuple[Floats, Floats], long: tuple[Floats, Floats], limits: Limits
) -> Verdict:
    """Judge hits and trials: `here` of each row, `long` (units, periods) for the light.

    Interval and probabilities, which cost most, are those of the rows that are asked for.
    """
    hits, trials = here
    mean, strength = _priors(panel, panel.dense(hits), panel.dense(trials))
    verdict = Verdict.empty(len(panel.rows))
    with np.errstate(invalid="ignore", divide="ignore"):
        verdict.value = np.where(trials > 0, 100.0 * hits / trials, np.nan)
    m, s = panel.at_rows(mean), panel.at_rows(strength)
    low, high = np.full(len(hits), np.nan), np.full(len(hits), np.nan)
    asked = panel.asked
    low[asked], high[asked] = posterior.share_interval(
        hits[asked], trials[asked], m[asked], s[asked]
    )
    member = panel.group[panel.unit] >= 0
    verdict.shrunk = np.where(member, 100.0 * posterior.share_mean(hits, trials, m, s), np.nan)
    verdict.low = np.where(member, 100.0 * low, np.nan)
    verdict.high = np.where(member, 100.0 * high, np.nan)

    verdict.rolling_numerator, verdict.rolling_denominator = map(panel.at_rows, long)
    yellow, red, higher_is_better = limits
    # A limit of all or nothing centres nothing: a prior there could never be left.
    centre = next((n for n in (yellow, red) if n is not None and 0 < n < 100), 50.0) / 100.0
    long_mean, long_strength = _priors(panel, *long, centre)
    data = (verdict.rolling_numerator[asked], verdict.rolling_denominator[asked])
    prior = (panel.at_rows(long_mean)[asked], panel.at_rows(long_strength)[asked])
    known = (member & (verdict.rolling_denominator > 0))[asked]
    for column, limit in ((verdict.p_yellow, yellow), (verdict.p_red, red)):
        column[asked] = np.where(known, _beyond(data, prior, limit, higher_is_better), np.nan)
    return verdict


def _priors(
    panel: Panel, hits: Floats, trials: Floats, lonely_mean: float = 0.5
) -> tuple[Floats, Floats]:
    """Prior mean and strength for every (unit, period), from the unit's peers of that period."""
    mean = np.full(panel.shape, 0.5)
    strength = np.ones(panel.shape)
    for members in panel.groups():
        prior = posterior.share_prior(hits[members], trials[members], lonely_mean)
        mean[members], strength[members] = prior.mean, prior.strength
    return mean, strength


def _beyond(
    data: tuple[Floats, Floats],
    prior: tuple[Floats, Floats],
    limit: float | None,
    higher_is_better: bool,
) -> Floats:
    """Posterior probability of lying on the wrong side of a limit (a percentage).

    "Below 100 %" asks whether anything was missed, and "above 0 %" whether anything happened: that
    is known, not estimated (a posterior would call a perfect record below 100 % for certain).
    """
    if limit is None:
        return np.full(len(data[0]), np.nan)
    hits, trials = data
    if higher_is_better and limit >= 100:
        return np.where(hits < trials, 1.0, 0.0)
    if not higher_is_better and limit <= 0:
        return np.where(hits > 0, 1.0, 0.0)
    below = posterior.share_below(*data, *prior, limit / 100.0)
    return below if higher_is_better else 1.0 - below
