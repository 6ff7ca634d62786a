"""How sure a score is: 1,000 draws of values, weights and the way of averaging (§5).

Each draw takes every item from its posterior, the dimension weights from Dirichlet(60 w) and the
geometric or the arithmetic mean by a coin. Units that inherit one value share its draw. The seed is
the version and the month, and sources stand in the order of their codes: equal counts, equal
interval, in whatever order rows arrive.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from orchestration.judging import medians
from orchestration.judging.index import scoring
from orchestration.judging.index.carried import Carried
from orchestration.judging.index.framework import Version
from orchestration.judging.posterior import Floats

DRAWS = 1000
CONCENTRATION = 60.0
LOW, HIGH = 5.0, 95.0


class Spread(NamedTuple):
    """Of each unit: 5-95 % of score and rank, probabilities below the two limits of the light."""

    low: Floats
    high: Floats
    rank_low: Floats
    rank_high: Floats
    p_yellow: Floats
    p_red: Floats


def spread(
    version: Version,
    carried: list[Carried],
    month: int,
    weights: Floats,
    scored: npt.NDArray[np.bool_],
    limits: tuple[float, float],
    seed: int,
) -> Spread:
    """Draw the scores of one month. `weights` (units, items) inside dimensions; `scored` units have
    a score; `limits` are the yellow and the red one."""
    chance = np.random.default_rng(seed)
    scores = np.zeros((DRAWS, *weights.shape), dtype=np.float32)
    for j, one in enumerate(carried):
        pick = one.pick[:, month]
        if (pick >= 0).any():
            drawn = item_draws(one, month, chance)
            drawn = scoring.normalise(drawn, version.worst[j], version.best[j])
            scores[:, :, j] = drawn[:, np.maximum(pick, 0)]
    dimensions = scoring.dimension_scores(scores, weights.astype(np.float32), version)
    weight = chance.dirichlet(CONCENTRATION * version.dimension_weight, DRAWS)[:, None, :]
    weight = np.broadcast_to(weight, dimensions.shape)
    geometric = scoring.total(dimensions, weight)
    arithmetic = scoring.total(dimensions, weight, geometric=False)
    drawn_score = np.where(chance.random(DRAWS)[:, None] < 0.5, geometric, arithmetic)
    known = np.where(scored, 1.0, np.nan)
    ranked = np.where(scored, drawn_score, -np.inf)
    rank = 1.0 + np.argsort(np.argsort(-ranked, axis=1, kind="stable"), axis=1)
    low, high = np.percentile(drawn_score, [LOW, HIGH], axis=0)
    rank_low, rank_high = np.percentile(rank, [LOW, HIGH], axis=0)
    yellow, red = ((drawn_score < limit).mean(axis=0) for limit in limits)
    return Spread(*(x * known for x in (low, high, rank_low, rank_high, yellow, red)))


def item_draws(one: Carried, month: int, chance: np.random.Generator) -> Floats:
    """(draws, sources) of an item's value in its unit."""
    if one.own.curve is not None:
        return _medians(one.own.curve[:, month], chance)
    first, second = (np.nan_to_num(one.stacked(n)[:, month]) for n in ("first", "second"))
    size = (DRAWS, len(first))
    shapes = [np.maximum(x, 1e-12).astype(np.float32) for x in (first, second)]
    if one.item.measure in ("rate", "stock"):
        events = chance.standard_gamma(shapes[0], size, np.float32)
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.asarray(np.where(second > 0, events / second, 0.0), dtype=np.float64)
    a, b = (chance.standard_gamma(shape, size, np.float32) for shape in shapes)
    return np.asarray(100.0 * a / np.maximum(a + b, 1e-30), dtype=np.float64)


def _medians(curve: Floats, chance: np.random.Generator) -> Floats:
    """Medians by inverting P(median <= day) at uniform numbers, linear inside a day."""
    days = np.arange(curve.shape[1], dtype=np.float64)
    uniform = chance.random((DRAWS, len(curve)))
    out = np.full(uniform.shape, float(medians.LONGEST_DAYS))
    for s, rising in enumerate(curve):
        steps = np.flatnonzero(np.concatenate([[True], np.diff(rising) > 0]))
        out[:, s] = np.interp(uniform[:, s], rising[steps], days[steps])
    return out
