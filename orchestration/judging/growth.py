"""Judge of a rate per head against a year before: Z01.

The limits are "10 % and 30 % more than a year before" (indicators.csv). Rates of small towns double
by chance, so the ratio of two true rates is judged: with the twelve rolling months as
Gamma(y + a, e + b) and the same months a year before likewise, each shrunk towards the peers of its
own year (Marshall's moments, as P01's), X / (X + Y) of two Gamma variables is Beta, so
P(now > k · before) is a tail of a Beta, exact and in closed form. A prior weighs no more than all
its peers' months. Only months with a counterpart a year before enter on either side: without one
there is no light. Shown as limits: 1.1 and 1.3 times the rate of a year before, per month.

Lost: the raw ratio (a town with two cases after one is red), a Poisson test (no shrinking).
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy import special

from orchestration.judging import posterior
from orchestration.judging.panel import Panel
from orchestration.judging.posterior import Floats
from orchestration.judging.rates import measured, month_verdict, peer_priors
from orchestration.judging.verdict import Verdict

YELLOW_GROWTH, RED_GROWTH = 1.1, 1.3
YEAR = 12


def judge_growth(panel: Panel, scored: npt.NDArray[np.bool_]) -> Verdict:
    """Judge all rows of a monthly panel of events per exposure (10,000 residents, per month)."""
    events, exposure, _, member = measured(panel)
    verdict = month_verdict(panel)
    now = panel.dense(events, scored), panel.dense(exposure, scored)
    before = _a_year_before(panel, now[0]), _a_year_before(panel, now[1])
    both = (now[1] > 0) & (before[1] > 0)
    now = panel.rolling(now[0] * both), panel.rolling(now[1] * both)
    before = panel.rolling(before[0] * both), panel.rolling(before[1] * both)
    verdict.rolling_numerator, verdict.rolling_denominator = map(panel.at_rows, now)
    known = member & (panel.at_rows(before[1]) > 0)
    with np.errstate(invalid="ignore", divide="ignore"):
        rate_before = panel.at_rows(before[0] / before[1])
    verdict.target = np.where(known, rate_before, np.nan)
    after, earlier = _posterior(panel, *now), _posterior(panel, *before)
    for name, growth in (("yellow", YELLOW_GROWTH), ("red", RED_GROWTH)):
        beyond = panel.at_rows(grown_above(after, earlier, growth))
        setattr(verdict, f"p_{name}", np.where(known, beyond, np.nan))
        setattr(verdict, f"threshold_{name}", np.where(known, growth * rate_before, np.nan))
    return verdict


def grown_above(now: tuple[Floats, Floats], before: tuple[Floats, Floats], growth: float) -> Floats:
    """P(rate now > growth · rate before) for Gamma posteriors (shape, rate), elementwise."""
    (a_now, b_now), (a_before, b_before) = now, before
    with np.errstate(invalid="ignore", divide="ignore"):
        point = growth * b_now / (b_before + growth * b_now)
    return np.asarray(special.betaincc(a_now, a_before, point), dtype=np.float64)


def _a_year_before(panel: Panel, values: Floats) -> Floats:
    """For each period the values of the same month a year earlier; 0 where it is not known."""
    months = panel.starts.astype("datetime64[M]")
    place = np.searchsorted(months, months - YEAR)
    found = months[np.minimum(place, len(months) - 1)] == months - YEAR
    return np.where(found, values[:, np.minimum(place, len(months) - 1)], 0.0)


def _posterior(panel: Panel, events: Floats, exposure: Floats) -> tuple[Floats, Floats]:
    """Gamma (shape, rate) of every (unit, period)."""
    prior = peer_priors(panel, events, exposure)
    a, b = posterior.rate_shape(prior.mean, prior.variance)
    most = np.zeros(panel.shape)
    for members in panel.groups():
        most[members] = exposure[members].sum(axis=0)
    with np.errstate(invalid="ignore", divide="ignore"):
        part = np.where(b > most, most / b, 1.0)
    return events + a * part, exposure + b * part
