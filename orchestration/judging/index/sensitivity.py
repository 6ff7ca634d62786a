"""What the index would say if it had been built otherwise: the gate before a version is published.

Each choice is changed by itself (weights, normalisation, averaging, shrinkage, window, one item
left out) and the order of units compared by Kendall's tau. A version whose order falls apart under
equal weights (tau < 0.6), or in which more than a quarter of units change band, is not published
(stability_index.md §7). `sobol` varies all choices at once (Saisana, Saltelli & Tarantola 2005,
JRSS A 168): which of them moves ranks, alone and together with others.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from scipy import stats

from orchestration.judging.index import scoring
from orchestration.judging.index.framework import Version
from orchestration.judging.index.sources import YEAR, Months, Window
from orchestration.judging.posterior import Floats

if TYPE_CHECKING:
    from orchestration.judging.index.score import IndexInputs

LEAST_TAU = 0.6
MOST_BAND_CHANGES = 0.25
FEWEST_UNITS = 10  # below that an order means nothing
SHORT = 6
WEIGHTS = ("ahp", "equal", "entropy")
NORMALISATIONS = ("goalposts", "z_score", "percentile")
MEANS = ("geometric", "arithmetic")
SHRINKAGE = ("shrunk", "raw")
WINDOWS = (YEAR, SHORT)


class Choice(NamedTuple):
    """One way to build the index; `left_out` is an item's place, -1 for none."""

    weights: str = WEIGHTS[0]
    normalisation: str = NORMALISATIONS[0]
    mean: str = MEANS[0]
    shrinkage: str = SHRINKAGE[0]
    window: int = YEAR
    left_out: int = -1


class Compared(NamedTuple):
    """An alternative beside the index as published."""

    alternative: str
    tau: float
    band_changed_share: float


@dataclass(frozen=True)
class Gate:
    """What one version's order rests on; `blocked_zh` is empty when it may be published."""

    compared: list[Compared]
    blocked_zh: str


Values = dict[tuple[str, int], Floats]


def gate(version: Version, inputs: IndexInputs, months: Months) -> Gate:
    """Compare the newest month of a version with its one-at-a-time alternatives."""
    values, scored = read(version, inputs, months)
    if scored.sum() < FEWEST_UNITS:
        return Gate([], "")
    base = score(version, values, Choice())[scored]
    compared = []
    for choice in alternatives(version):
        other = score(version, values, choice)[scored]
        compared.append(Compared(_name(version, choice), _tau(base, other), _moved(base, other)))
    equal = next(c for c in compared if c.alternative == "weights=equal")
    blocked = ""
    if equal.tau < LEAST_TAU:
        blocked = f"等权时排序相关τ={equal.tau:.2f}，低于{LEAST_TAU}，该版本不发布"
    elif equal.band_changed_share > MOST_BAND_CHANGES:
        blocked = f"等权时{equal.band_changed_share:.0%}的单位换档，超过25%，该版本不发布"
    return Gate(compared, blocked)


def read(
    version: Version, inputs: IndexInputs, months: Months
) -> tuple[Values, np.ndarray[tuple[int], np.dtype[np.bool_]]]:
    """Values (units, items) of the newest month, raw and shrunk, over a year and half a year; and
    which units have a score."""
    from orchestration.judging.index.score import score_card

    values: Values = {}
    scored = np.zeros(0, dtype=bool)
    for length in WINDOWS:
        card = score_card(version, inputs, Window(months[-1:], length))
        for kind, name in (("shrunk", "shrunk"), ("raw", "value")):
            values[kind, length] = np.stack([c.at(name)[:, 0] for c in card.carried], axis=-1)
        if length == YEAR:
            scored = np.isfinite(card.total[:, 0])
    return values, scored


def score(version: Version, values: Values, choice: Choice) -> Floats:
    """The scores of one month under a choice."""
    value = values[choice.shrinkage, choice.window].copy()
    if choice.left_out >= 0:
        value[:, choice.left_out] = np.nan
    weights = scoring.item_weights(np.isfinite(value), version)
    items = _normalised(version, value, choice.normalisation)
    dimensions = scoring.dimension_scores(items, weights, version)
    weight = _weights(version, dimensions, choice.weights)
    return scoring.total(dimensions, weight, geometric=choice.mean == "geometric")


def alternatives(version: Version) -> list[Choice]:
    """Every choice changed by itself."""
    base = Choice()
    changed = [base._replace(weights=w) for w in WEIGHTS[1:]]
    changed += [base._replace(normalisation=n) for n in NORMALISATIONS[1:]]
    changed += [base._replace(mean=MEANS[1]), base._replace(shrinkage=SHRINKAGE[1])]
    changed.append(base._replace(window=SHORT))
    return changed + [base._replace(left_out=j) for j in range(len(version.items))]


def sobol(version: Version, inputs: IndexInputs, months: Months) -> list[tuple[str, float, float]]:
    """(choice, S_i, S_Ti): the part of the variance of the mean absolute rank shift that a choice
    explains alone, and with its interactions; exact over the full grid of choices."""
    values, scored = read(version, inputs, months)
    base = _ranks(score(version, values, Choice())[scored])
    levels = (WEIGHTS, NORMALISATIONS, MEANS, SHRINKAGE, WINDOWS, (None, *version.items))
    shift = np.empty([len(x) for x in levels])
    for place in product(*(range(n) for n in shift.shape)):
        choice = Choice(
            WEIGHTS[place[0]], NORMALISATIONS[place[1]], MEANS[place[2]], SHRINKAGE[place[3]],
            WINDOWS[place[4]], place[5] - 1,
        )  # fmt: skip
        ranks = _ranks(score(version, values, choice)[scored])
        shift[place] = np.nanmean(np.abs(ranks - base))  # a unit may lose its only item
    whole = shift.var()
    found = []
    for axis, name in enumerate(Choice._fields):
        others = tuple(i for i in range(shift.ndim) if i != axis)
        alone = shift.mean(axis=others).var()
        together = shift.var(axis=axis).mean()
        found.append((name, float(alone / whole), float(together / whole)))
    return found


def _normalised(version: Version, value: Floats, how: str) -> Floats:
    if how == "goalposts":
        return scoring.normalise(value, version.worst, version.best)
    sign = np.where(version.best > version.worst, 1.0, -1.0)
    known = np.isfinite(value)
    if how == "z_score":
        known_n = np.maximum(known.sum(axis=0), 1)
        off = np.where(known, value - np.nansum(value, axis=0) / known_n, 0.0)
        spread = np.sqrt((off**2).sum(axis=0) / known_n)
        z = np.divide(sign * off, spread, out=np.zeros_like(off), where=spread > 0)
        return np.where(known, np.clip(50.0 + 20.0 * z, 0.0, 100.0), np.nan)
    ranks = stats.rankdata(sign * np.where(known, value, np.nan), axis=0, nan_policy="omit")
    return np.where(known, 100.0 * (ranks - 0.5) / np.maximum(known.sum(axis=0), 1), np.nan)


def _weights(version: Version, dimensions: Floats, how: str) -> Floats:
    """Weights of dimensions; entropy weights reward spread (Shannon), so only for comparison."""
    n = len(version.dimensions)
    if how == "ahp":
        return version.dimension_weight
    if how == "equal":
        return np.full(n, 1.0 / n)
    filled = np.nan_to_num(dimensions, nan=0.0) + 1e-9
    part = filled / filled.sum(axis=0)
    entropy = -(part * np.log(part)).sum(axis=0) / np.log(max(len(filled), 2))
    spread = np.maximum(1.0 - entropy, 0.0)
    return np.asarray(spread / spread.sum() if spread.sum() > 0 else np.full(n, 1.0 / n))


def _ranks(scores: Floats) -> Floats:
    return np.asarray(stats.rankdata(-scores, nan_policy="omit"), dtype=np.float64)


def _tau(a: Floats, b: Floats) -> float:
    known = np.isfinite(a) & np.isfinite(b)
    return float(np.nan_to_num(stats.kendalltau(a[known], b[known]).statistic))


def _moved(a: Floats, b: Floats) -> float:
    bands = [[scoring.band(float(s), False) for s in scores] for scores in (a, b)]
    return float(np.mean([x != y for x, y in zip(*bands, strict=True)]))


def _name(version: Version, choice: Choice) -> str:
    """`weights=equal`, `left_out=M01`: what differs from the index as published."""
    if choice.left_out >= 0:
        return f"left_out={version.items[choice.left_out].code}"
    for field, value, usual in zip(Choice._fields, choice, Choice(), strict=True):
        if value != usual:
            return f"{field}={value}"
    return "published"
