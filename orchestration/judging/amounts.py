"""Judge of a share of money: M09.

A share of an amount has no count behind it, so it is no binomial: ten payments of which one bears
nine tenths of the sum say about as much as one. What they are worth is their effective number
n = (Σw)² / Σw² over the amounts w (Kish 1965, Survey Sampling): the number of equal payments whose
share would vary as much; equal payments give back their own number. With n trials, of which the
share of the money are hits, the share is judged like any other (shares.py), twelve rolling months
for the light. The value, and the sums shown, remain the money itself.

Lost: no light at all (who pays late would never show), the raw share against its limit (one late
payment of a small month is red), a bootstrap over payments (needs every row in the judging step).
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from orchestration.judging.panel import Panel
from orchestration.judging.posterior import Floats
from orchestration.judging.shares import Limits, judge_counts
from orchestration.judging.verdict import Verdict


def judge_amounts(panel: Panel, scored: npt.NDArray[np.bool_], limits: Limits) -> Verdict:
    """Judge all rows of a panel of sums; `stat_value` bears the denominator's squares, summed."""
    sums = [panel.rows[name].to_numpy() for name in ("numerator", "denominator", "stat_value")]
    rolled = [panel.rolling(panel.dense(values, scored)) for values in sums]
    verdict = judge_counts(panel, effective(*sums), effective(*rolled), limits)
    with np.errstate(invalid="ignore", divide="ignore"):
        verdict.value = np.where(sums[1] > 0, 100.0 * sums[0] / sums[1], np.nan)
    verdict.rolling_numerator = panel.at_rows(rolled[0])
    verdict.rolling_denominator = panel.at_rows(rolled[1])
    return verdict


def effective(part: Floats, whole: Floats, squares: Floats) -> tuple[Floats, Floats]:
    """Hits and trials that weigh as much as these sums, elementwise; none where nothing is due."""
    with np.errstate(invalid="ignore", divide="ignore"):
        trials = np.where(squares > 0, whole**2 / squares, 0.0)
        hits = np.where(whole > 0, trials * part / whole, 0.0)
    return hits, trials
