"""The arithmetic of judging: priors by moments, posteriors, tails.

Why not raw rates: with 1-59 due items a month, three of four monthly red lights on raw rates
would be false; a posterior over twelve rolling months is right in nine of ten
(stability_index.md §5, checked by tests/judging/test_light_precision.py).

Shapes: priors take (units, periods) arrays of one peer group and give one prior per period.
Sources: moments of the Beta-Binomial after Kleinman (1973, JASA 68); Gamma-Poisson global
moments after Marshall (1991, Applied Statistics 40).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy import special

Floats = npt.NDArray[np.float64]

LEAST_STRENGTH, MOST_STRENGTH = 1.0, 1e5  # clamp of stability_index.md §4.3
VARIANCE_FLOOR = 1e-18
FEWEST_PEERS = 3  # below that there is nothing to learn a prior from


class SharePrior(NamedTuple):
    """Beta(mean·strength, (1-mean)·strength), arrays over periods."""

    mean: Floats
    strength: Floats


class RatePrior(NamedTuple):
    """Gamma prior by mean and between-unit variance, arrays over periods."""

    mean: Floats
    variance: Floats


def share_prior(hits: Floats, trials: Floats, lonely_mean: float = 0.5) -> SharePrior:
    """Prior of a share from one peer group, (units, periods) → arrays over periods.

    Without enough peers it weighs as much as one item: for an interval Jeffreys' Beta(1/2, 1/2);
    for a light centred on the limit (`lonely_mean`), so that a perfect record of three items is
    not yellow merely because three items cannot prove 98 %.
    """
    total = trials.sum(axis=0)
    peers = (trials > 0).sum(axis=0)
    mean = (hits.sum(axis=0) + 0.5) / (total + 1.0)
    with np.errstate(invalid="ignore", divide="ignore"):
        share = np.where(trials > 0, hits / trials, 0.0)
        spread = (trials * (share - mean) ** 2).sum(axis=0) / (mean * (1 - mean))
        effective = total - (trials**2).sum(axis=0) / total
        overlap = (spread - (peers - 1)) / (effective - (peers - 1))
        strength = 1.0 / overlap - 1.0
    strength = np.where(overlap > 0, strength, MOST_STRENGTH)
    strength = np.clip(np.nan_to_num(strength, nan=MOST_STRENGTH), LEAST_STRENGTH, MOST_STRENGTH)
    # The peers' mean is itself known only from their items: no prior weighs more than all of them.
    strength = np.maximum(np.minimum(strength, total), LEAST_STRENGTH)
    lonely = peers < FEWEST_PEERS
    return SharePrior(np.where(lonely, lonely_mean, mean), np.where(lonely, 1.0, strength))


def share_below(
    hits: Floats, trials: Floats, mean: Floats, strength: Floats, limit: float
) -> Floats:
    """P(share < limit | data), elementwise."""
    a = hits + mean * strength
    b = trials - hits + (1.0 - mean) * strength
    return np.asarray(special.betainc(a, b, limit), dtype=np.float64)


def share_mean(hits: Floats, trials: Floats, mean: Floats, strength: Floats) -> Floats:
    """The shrunk share, elementwise."""
    return np.asarray((hits + mean * strength) / (trials + strength), dtype=np.float64)


def share_interval(
    hits: Floats, trials: Floats, mean: Floats, strength: Floats
) -> tuple[Floats, Floats]:
    """The central 90 % of the posterior; equal rows (small days) are computed once."""
    table = np.stack([hits, trials, mean, strength], axis=1)
    distinct, where = np.unique(table, axis=0, return_inverse=True)
    x, n, m, s = distinct.T
    a, b = x + m * s, n - x + (1.0 - m) * s
    where = where.reshape(-1)
    return special.betaincinv(a, b, 0.05)[where], special.betaincinv(a, b, 0.95)[where]


def rate_prior(events: Floats, exposure: Floats) -> RatePrior:
    """Prior of a rate from one peer group, (units, periods) → arrays over periods (Marshall)."""
    total = exposure.sum(axis=0)
    peers = (exposure > 0).sum(axis=0)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = events.sum(axis=0) / total
        rate = np.where(exposure > 0, events / exposure, 0.0)
        spread = (exposure * (rate - mean) ** 2).sum(axis=0) / total
        variance = spread - mean / (total / peers)
    variance = np.where(peers < FEWEST_PEERS, np.nan, np.maximum(variance, VARIANCE_FLOOR))
    return RatePrior(mean, variance)


def rate_shape(mean: Floats, variance: Floats) -> tuple[Floats, Floats]:
    """Gamma (a, b) of a prior; without peers the weak Gamma(1/2, 0)."""
    with np.errstate(invalid="ignore", divide="ignore"):
        a, b = mean**2 / variance, mean / variance
    known = np.isfinite(a) & (mean > 0)
    return np.where(known, a, 0.5), np.where(known, b, 0.0)


def rate_above(events: Floats, exposure: Floats, a: Floats, b: Floats, limit: Floats) -> Floats:
    """P(rate > limit | data), elementwise."""
    return np.asarray(special.gammaincc(events + a, (exposure + b) * limit), dtype=np.float64)


def rate_interval(events: Floats, exposure: Floats, a: Floats, b: Floats) -> tuple[Floats, Floats]:
    """The central 90 % of the posterior of a rate."""
    with np.errstate(invalid="ignore", divide="ignore"):
        low = special.gammaincinv(events + a, 0.05) / (exposure + b)
        high = special.gammaincinv(events + a, 0.95) / (exposure + b)
    return low, high
