"""Judge of a rate per head: P01.

Why these limits (the decision, as an ADR would put it)
--------------------------------------------------------
Context: P01's limits are "mean + 2 sd" and "mean + 3 sd (EB)" (indicators.csv). The sd could be
that of raw rates, which small towns widen by chance alone, or that of the true rates.
Decision: within a peer group (districts; towns of one type) the true monthly rates are taken as
Gamma with Marshall's global moments over the twelve rolling months: mean r = Σy/Σe and
between-unit variance s² = Σe(y/e - r)²/Σe - r/ē. The limits are r + 2s and r + 3s; the target is r.
A unit is beyond a limit with the posterior probability P(θ > limit | its twelve months) under
Gamma(y + a, e + b), a = r²/s², b = r/s².
The city has no peers: its own months of the last year (the judged one left out) take their place,
and the judged month's posterior is compared.
If s² falls to its floor, no unit can be told from its peers and none is beyond a limit; the same
holds with fewer than three peers.
Lost: raw sd (small towns set the limit), fixed limits (no law gives one), negative binomial by
likelihood (iterates; gives the same lights on the demonstration city).
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from orchestration.judging import posterior
from orchestration.judging.panel import Panel
from orchestration.judging.posterior import VARIANCE_FLOOR, Floats, RatePrior
from orchestration.judging.verdict import Verdict

YELLOW_SD, RED_SD = 2.0, 3.0


def judge_rates(panel: Panel, scored: npt.NDArray[np.bool_], is_city: bool) -> Verdict:
    """Judge all rows of a panel of events per exposure (10,000 residents, per month)."""
    events, exposure, complete, member = measured(panel)
    verdict = month_verdict(panel)
    long_events = panel.rolling(panel.dense(events, scored))
    long_exposure = panel.rolling(panel.dense(exposure, scored))
    verdict.rolling_numerator = panel.at_rows(long_events)
    verdict.rolling_denominator = panel.at_rows(long_exposure)
    if is_city:
        prior = _own_months(panel.dense(events, scored), panel.dense(exposure, scored), panel)
        judged_events, judged_exposure = (panel.dense(n, complete) for n in (events, exposure))
    else:
        prior = peer_priors(panel, long_events, long_exposure)
        judged_events, judged_exposure = long_events, long_exposure
    a, b = posterior.rate_shape(prior.mean, prior.variance)
    spread = np.sqrt(prior.variance)
    told_apart = prior.variance > VARIANCE_FLOOR
    for name, sds in (("yellow", YELLOW_SD), ("red", RED_SD)):
        limit = prior.mean + sds * spread
        beyond = posterior.rate_above(judged_events, judged_exposure, a, b, limit)
        beyond = np.where(told_apart, beyond, np.where(np.isnan(prior.variance), np.nan, 0.0))
        setattr(verdict, f"p_{name}", np.where(member, panel.at_rows(beyond), np.nan))
        setattr(verdict, f"threshold_{name}", np.where(member, panel.at_rows(limit), np.nan))
    known = member & np.isfinite(panel.at_rows(prior.variance))
    verdict.target = np.where(known, panel.at_rows(prior.mean), np.nan)
    return verdict


def measured(
    panel: Panel,
) -> tuple[Floats, Floats, npt.NDArray[np.bool_], npt.NDArray[np.bool_]]:
    """Events and exposure of each row, whether it is complete, whether it has a rate."""
    events = panel.rows["numerator"].to_numpy()
    exposure = np.nan_to_num(panel.rows["denominator"].to_numpy())
    complete = panel.rows["is_complete"].to_numpy()
    return events, exposure, complete, (panel.group[panel.unit] >= 0) & complete & (exposure > 0)


def month_verdict(panel: Panel) -> Verdict:
    """The rate of each row, shrunk towards its peers of the month, and its 90 % interval."""
    events, exposure, complete, member = measured(panel)
    verdict = Verdict.empty(len(panel.rows))
    with np.errstate(invalid="ignore", divide="ignore"):
        verdict.value = np.where(complete & (exposure > 0), events / exposure, np.nan)
    prior = peer_priors(panel, panel.dense(events, complete), panel.dense(exposure, complete))
    a, b = (panel.at_rows(part) for part in posterior.rate_shape(prior.mean, prior.variance))
    low, high = posterior.rate_interval(events, exposure, a, b)
    shrunk = (events + a) / (exposure + b + VARIANCE_FLOOR)
    verdict.shrunk = np.where(member, shrunk, np.nan)
    verdict.low, verdict.high = np.where(member, low, np.nan), np.where(member, high, np.nan)
    return verdict


def peer_priors(panel: Panel, events: Floats, exposure: Floats) -> RatePrior:
    """Prior of every (unit, period) from its peers of that period."""
    mean, variance = np.full(panel.shape, np.nan), np.full(panel.shape, np.nan)
    for members in panel.groups():
        prior = posterior.rate_prior(events[members], exposure[members])
        mean[members], variance[members] = prior.mean, prior.variance
    return RatePrior(mean, variance)


def _own_months(events: Floats, exposure: Floats, panel: Panel) -> RatePrior:
    """Prior of each month of one unit from its other months of the twelve that end with it."""
    mean, variance = np.full(panel.shape, np.nan), np.full(panel.shape, np.nan)
    months = panel.starts.astype("datetime64[M]")
    for t in range(panel.shape[1]):
        near = (months < months[t]) & (months >= months[t] - 12)
        prior = posterior.rate_prior(events[:, near].T, exposure[:, near].T)
        mean[:, t], variance[:, t] = prior.mean, prior.variance
    return RatePrior(mean, variance)
