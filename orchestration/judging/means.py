"""Judge of a trimmed mean of durations: E04.

A mean of durations has no count of hits behind it. The mean without the 5 % shortest and longest is
normal enough for Student's t with the winsorised variance (Tukey and McLaughlin 1963, Sankhya A 25;
Yuen 1974, Biometrika 61): with g = floor(5 % of n) cut on each side and h = n - 2g kept, its
standard error is s_w sqrt(n - 1) / sqrt(h (h - 1)) on h - 1 degrees of freedom.
With a flat prior that is the posterior of the mean, so "beyond 3 days" is a tail of it: no other
method, no new threshold. The light reads the twelve rolling months, the interval the month itself.
One or no duration, or durations that are all alike, tell no spread: the mean is compared as it is
where it is known and there is no light where nothing is known.

Durations come by whole day with their sum and sum of squares (agg_duration_days); within a day all
count as its mean, so of the cut only the days that it splits are approximate. The value itself is
exact: the counting step trims single rows.

Lost: a plain comparison (one slow matter of a small office is red), a bootstrap (needs every row).
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import polars as pl
from scipy import special

from orchestration.judging.medians import cube
from orchestration.judging.panel import Panel
from orchestration.judging.posterior import Floats
from orchestration.judging.verdict import Verdict

PART_CUT = 20  # floor(n / 20) on each side


def judge_means(
    panel: Panel,
    scored: npt.NDArray[np.bool_],
    durations: pl.DataFrame,
    yellow: float,
    red: float,
) -> Verdict:
    """Judge all rows of a panel; `durations` has unit_code, period_start, days_upto, rows_n,
    days_sum and days_square_sum."""
    counts, sums, squares = (
        cube(panel, durations, name) for name in ("rows_n", "days_sum", "days_square_sum")
    )
    usable = np.zeros(panel.shape)
    usable[panel.unit, panel.period] = scored
    verdict = Verdict.empty(len(panel.rows))
    verdict.value = panel.rows["stat_value"].to_numpy()
    member = panel.group[panel.unit] >= 0

    _, error, freedom = trimmed(counts, sums, squares)
    reach = panel.at_rows(error * special.stdtrit(np.maximum(freedom, 1.0), 0.95))
    known = member & np.isfinite(reach)
    verdict.low = np.where(known, np.maximum(verdict.value - reach, 0.0), np.nan)
    verdict.high = np.where(known, verdict.value + reach, np.nan)

    long = [_rolling(panel, part * usable[:, :, None]) for part in (counts, sums, squares)]
    mean, error, freedom = trimmed(*long)
    verdict.rolling_denominator = panel.at_rows(long[0].sum(axis=2))
    for name, limit in (("yellow", yellow), ("red", red)):
        beyond = above(mean, error, freedom, limit)
        setattr(verdict, f"p_{name}", np.where(member, panel.at_rows(beyond), np.nan))
    return verdict


def above(mean: Floats, error: Floats, freedom: Floats, limit: float) -> Floats:
    """P(mean > limit), elementwise; NaN where fewer than two durations are kept."""
    with np.errstate(invalid="ignore", divide="ignore"):
        t = (mean - limit) / error
        tail = special.stdtr(np.maximum(freedom, 1.0), t)
    alike = np.where(mean > limit, 1.0, 0.0)
    return np.where(freedom < 1, np.nan, np.where(error > 0, tail, alike))


def trimmed(counts: Floats, sums: Floats, squares: Floats) -> tuple[Floats, Floats, Floats]:
    """Trimmed mean, its standard error and degrees of freedom over the last axis (days).

    NaN where there are no durations; the error is NaN where fewer than two are kept.
    """
    n = counts.sum(axis=-1)
    cut = np.floor(n / PART_CUT)
    upto = np.cumsum(counts, axis=-1)
    low, high = cut[..., None], (n - cut)[..., None]
    kept = np.clip(np.minimum(upto, high) - np.maximum(upto - counts, low), 0.0, None)
    with np.errstate(invalid="ignore", divide="ignore"):
        day = np.where(counts > 0, sums / counts, 0.0)
        part = np.where(counts > 0, kept / counts, 0.0)
        h = n - 2 * cut
        mean = (part * sums).sum(axis=-1) / h
        ends = [_at(day, upto, cut + 1), _at(day, upto, n - cut)]  # what the cut ones become
        total = (part * sums).sum(axis=-1) + cut * sum(ends)
        square = (part * squares).sum(axis=-1) + cut * sum(end**2 for end in ends)
        spread = np.maximum(square - total**2 / n, 0.0) / (n - 1)  # winsorised variance
        error = np.sqrt(spread * (n - 1) / (h * (h - 1)))
    return mean, np.where(h > 1, error, np.nan), h - 1


def _at(day: Floats, upto: Floats, ordinal: Floats) -> Floats:
    """The duration of the ordinal-th shortest, by its day's mean."""
    where = (upto >= ordinal[..., None]).argmax(axis=-1)
    return np.take_along_axis(day, where[..., None], axis=-1)[..., 0]


def _rolling(panel: Panel, values: Floats) -> Floats:
    """Rolling sums along axis 1 for every day of axis 2."""
    return np.moveaxis(
        np.stack([panel.rolling(values[:, :, d]) for d in range(values.shape[2])]), 0, 2
    )
