"""From values to a score: goalposts, weights, means, bands (stability_index.md §4.4-4.8).

Pure arithmetic over (…, units, items) and (…, units, dimensions); the geometric mean across
dimensions is only partly compensating (OECD/JRC Handbook 2008, ch. 6), so that a bad dimension
cannot be bought off.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from orchestration.judging.index.framework import Version
from orchestration.judging.posterior import Floats

FLOOR = 1.0  # of a dimension in the geometric mean: nothing multiplies a score by zero
LEAST_PRESENT = 0.60  # of a dimension's weight, else there is no total score
MOST_INHERITED = 0.40  # of the whole weight
RED_LINE_CAP = 59.0
BANDS = (("A", 85.0), ("B", 75.0), ("C", 65.0))


def normalise(value: Floats, worst: Floats, best: Floats) -> Floats:
    """0 at the worst goalpost, 100 at the best, clipped; items along the last axis."""
    return np.clip(100.0 * (value - worst) / (best - worst), 0.0, 100.0)


def membership(version: Version) -> Floats:
    """(items, dimensions) of ones and zeros."""
    return np.asarray(np.eye(len(version.dimensions))[version.dimension_of], dtype=np.float64)


def shares_present(present: npt.NDArray[np.bool_], version: Version) -> Floats:
    """(units, dimensions): the part of a dimension's weight that has a value."""
    return np.asarray((present * version.item_weight) @ membership(version), dtype=np.float64)


def item_weights(present: npt.NDArray[np.bool_], version: Version) -> Floats:
    """(units, items) weights inside the dimension; that of missing items moved to the others."""
    kept = present * version.item_weight
    whole = (kept @ membership(version))[..., version.dimension_of]
    return np.divide(kept, whole, out=np.zeros_like(kept), where=whole > 0)


def dimension_scores(scores: Floats, weights: Floats, version: Version) -> Floats:
    """(…, units, dimensions): weighted arithmetic means; NaN where nothing is present."""
    known = np.where(weights > 0, scores, 0.0) * weights
    member = membership(version)
    return np.where(weights @ member > 0, known @ member, np.nan)


def total(dimensions: Floats, weights: Floats, geometric: bool = True) -> Floats:
    """Score of each unit from its dimensions; the weight of absent ones moves to the others."""
    kept = dimension_weights(dimensions, weights)
    filled = np.where(np.isfinite(dimensions), dimensions, 100.0)
    if geometric:
        score = 100.0 * np.exp((kept * np.log(np.maximum(filled, FLOOR) / 100.0)).sum(axis=-1))
    else:
        score = (kept * filled).sum(axis=-1)
    return np.where(kept.sum(axis=-1) > 0, score, np.nan)


def dimension_weights(dimensions: Floats, weights: Floats) -> Floats:
    """The weights `total` used: those of absent dimensions moved."""
    kept = np.where(np.isfinite(dimensions), weights, 0.0)
    whole = kept.sum(axis=-1, keepdims=True)
    return np.asarray(np.divide(kept, whole, out=np.zeros_like(kept), where=whole > 0))


def band(score: float, red_line: bool) -> str | None:
    """A, B, C, D, or R for a red line; None without a score."""
    if red_line:
        return "R"
    if not np.isfinite(score):
        return None
    return next((name for name, least in BANDS if score >= least), "D")
