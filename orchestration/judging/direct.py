"""Judge of a value that stands for itself: a census, a small stock, a change against last year.

Nothing was drawn from anything, or there is no count behind the value that an interval could rest
on, so there is none: the value is compared with its limits as it is. Without limits it bears no
light.
"""

from __future__ import annotations

import numpy as np

from orchestration.judging.panel import Panel
from orchestration.judging.verdict import Verdict


def judge_direct(panel: Panel, factor: float) -> Verdict:
    """Value of each row: the statistic it bears, else `factor` times numerator by denominator, else
    (no indicator of this kind has both) the numerator: a plain count. None where it is incomplete.
    """
    rows = panel.rows
    numerator = rows["numerator"].to_numpy().astype(np.float64)
    denominator = rows["denominator"].to_numpy().astype(np.float64)
    statistic = rows["stat_value"].to_numpy().astype(np.float64)
    with np.errstate(invalid="ignore", divide="ignore"):
        quotient = np.where(denominator > 0, factor * numerator / denominator, np.nan)
    by_count = np.where(np.isnan(denominator), numerator, quotient)
    value = np.where(np.isnan(statistic), by_count, statistic)
    verdict = Verdict.empty(len(rows))
    verdict.value = np.where(rows["is_complete"].to_numpy(), value, np.nan)
    return verdict
