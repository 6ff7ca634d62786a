"""Risk points drawn for each assessment, its index and level, and what follows from the level.

The index is the mean of probability x impact / 25; low below 0.36, high above 0.64 (a common
scale, kept in two constants). A high risk is adjusted or stopped, save one report in a hundred.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from simulation.histories import Flags
from simulation.world import Floats, Ints

LOW_BELOW, HIGH_ABOVE = 0.36, 0.64
POINTS = (4, 11)  # fewest, and one more than most
# How likely each step of the scales is where little, some or much is at stake.
STAKES, STAKE_SHARES = np.array([0.25, 0.55, 0.86]), [0.72, 0.20, 0.08]
AFTER_CHANGES = 0.30
MEDIUM_ADJUSTED, HIGH_LET_PASS = 0.2, 0.01
HIGH_CONCLUSIONS, HIGH_SHARES = np.array(["02", "03", "04"]), [0.5, 0.35, 0.15]
Texts = npt.NDArray[np.str_]


@dataclass(frozen=True)
class Drawn:
    """The points of one round of reports: which decision each is of, its two steps."""

    decision: Ints
    probability: Ints
    impact: Ints
    score: Floats  # per decision, 0 where there is no report
    level: Texts  # per decision
    conclusion: Texts  # per decision


@dataclass(frozen=True)
class Levels:
    """First and second reports of all decisions."""

    first: Drawn
    second: Drawn
    again: Flags
    stops: Flags


def _points(rng: np.random.Generator, reported: Flags, stake: Floats) -> tuple[Ints, Ints, Ints]:
    size = np.where(reported, rng.integers(*POINTS, len(reported)), 0)
    decision = np.repeat(np.arange(len(reported)), size)
    likely = 1 + rng.binomial(4, stake[decision])
    grave = 1 + rng.binomial(4, stake[decision])
    return decision.astype(np.int64), likely.astype(np.int64), grave.astype(np.int64)


def _scored(points: tuple[Ints, Ints, Ints], n: int) -> tuple[Floats, Texts]:
    decision, likely, grave = points
    size = np.maximum(np.bincount(decision, minlength=n), 1)
    score = np.bincount(decision, likely * grave / 25, minlength=n) / size
    score = np.round(score, 4)
    return score, np.where(score < LOW_BELOW, "L", np.where(score > HIGH_ABOVE, "H", "M"))


def levels(rng: np.random.Generator, must: Flags, failed: Flags) -> Levels:
    """Reports of the decisions that must be assessed; a failed one is never adjusted."""
    n = len(must)
    stake = rng.choice(STAKES, n, p=STAKE_SHARES)
    stake = np.where(failed, STAKES[0], stake) + rng.uniform(-0.05, 0.05, n)
    points = _points(rng, must, stake)
    score, level = _scored(points, n)
    high = rng.choice(HIGH_CONCLUSIONS, n, p=HIGH_SHARES)
    high = np.where(rng.random(n) < HIGH_LET_PASS, "01", high)
    medium = np.where(rng.random(n) < MEDIUM_ADJUSTED, "02", "01")
    conclusion = np.where(level == "H", high, np.where(level == "M", medium, "01"))
    conclusion = np.where(failed, "01", conclusion)
    first = Drawn(*points, score, level, conclusion)
    again = must & (conclusion == "02")
    points2 = _points(rng, again, np.full(n, AFTER_CHANGES))
    score2, level2 = _scored(points2, n)
    second = Drawn(*points2, score2, level2, np.full(n, "01"))
    return Levels(first, second, again, must & np.isin(conclusion, ["03", "04"]))
