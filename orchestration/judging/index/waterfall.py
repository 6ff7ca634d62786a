"""What a score is made of: LMDI contributions that close exactly (stability_index.md §6).

Between two scores S and S0 of weighted geometric means, dimension d contributes
c_d = L(S, S0) · w_d · ln(x_d / x0_d) with the logarithmic mean L(a, b) = (a - b) / (ln a - ln b),
L(a, a) = a; Σ c_d = S - S0 (Ang 2005, Energy Policy 33: no residual). Inside a dimension, an
arithmetic mean, c_d splits in proportion to what each item adds to x_d - x0_d.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from orchestration.judging.index import scoring
from orchestration.judging.index.framework import Version
from orchestration.judging.index.scoring import FLOOR
from orchestration.judging.posterior import Floats


class Profile(NamedTuple):
    """One side of a comparison: items and dimensions of each unit, with the weights used."""

    item_scores: Floats
    item_weights: Floats
    dimension_scores: Floats
    dimension_weights: Floats
    score: Floats


class Contributions(NamedTuple):
    """Points that lead from the other score to this one, by dimension and by item."""

    dimensions: Floats
    items: Floats


def log_mean(a: Floats, b: Floats) -> Floats:
    """The logarithmic mean, elementwise; a where both are equal.

    Near equality (a - b) / (ln a - ln b) loses all digits, so it is written by
    log1p of the relative difference.
    """
    with np.errstate(invalid="ignore", divide="ignore"):
        difference = a - b
        ratio = difference / np.log1p(difference / b)
    return np.where(difference == 0, a, ratio)


def contributions(here: Profile, there: Profile, version: Version) -> Contributions:
    """Contributions for units that have both scores; NaN for the others.

    Both sides must use the same dimension weights (the same version, the same dimensions).
    """
    x, x0 = here.dimension_scores, there.dimension_scores
    high, high0 = np.maximum(x, FLOOR), np.maximum(x0, FLOOR)
    scale = log_mean(here.score, there.score)[:, None] * here.dimension_weights
    with np.errstate(invalid="ignore", divide="ignore"):
        logs = np.log1p((high - high0) / high0)
        by_dimension = np.where(here.dimension_weights > 0, scale * logs, 0.0)
        gap = x - x0
        # Points per point of the dimension; at no gap the derivative of the logarithm.
        slope = np.where(gap == 0, scale / high, by_dimension / gap)
    slope = np.where((x <= FLOOR) & (x0 <= FLOOR), 0.0, slope)
    added = np.where(here.item_weights > 0, here.item_weights * here.item_scores, 0.0)
    added0 = np.where(there.item_weights > 0, there.item_weights * there.item_scores, 0.0)
    by_item = (added - added0) * slope[:, version.dimension_of]
    by_item = np.where(here.dimension_weights[:, version.dimension_of] > 0, by_item, 0.0)
    same = np.isclose(here.dimension_weights, there.dimension_weights).all(axis=1)
    usable = np.asarray(np.isfinite(here.score) & np.isfinite(there.score) & same)[:, None]
    return Contributions(np.where(usable, by_dimension, np.nan), np.where(usable, by_item, np.nan))


def peer_profile(here: Profile, groups: list[np.ndarray], version: Version) -> Profile:
    """The median of each item among the unit's peers, weighed as the unit itself is weighed."""
    middle = np.full(here.item_scores.shape, np.nan)
    for members in groups:
        scores = np.where(here.item_weights[members] > 0, here.item_scores[members], np.nan)
        known = np.isfinite(scores).any(axis=0)
        median = np.full(scores.shape[1], np.nan)
        median[known] = np.nanmedian(scores[:, known], axis=0)
        middle[members] = median
    dimensions = scoring.dimension_scores(middle, here.item_weights, version)
    score = scoring.total(dimensions, here.dimension_weights)
    score = np.where(np.isfinite(here.score), score, np.nan)
    return Profile(middle, here.item_weights, dimensions, here.dimension_weights, score)
