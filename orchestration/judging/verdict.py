"""What a judge says about rows: arrays of one length, NaN where there is nothing to say."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np

from orchestration.judging.posterior import Floats


@dataclass
class Verdict:
    """Columns of fct_indicator that judging fills, in the indicator's own unit."""

    value: Floats
    shrunk: Floats
    low: Floats
    high: Floats
    rolling_numerator: Floats
    rolling_denominator: Floats
    p_yellow: Floats
    p_red: Floats
    target: Floats
    threshold_yellow: Floats
    threshold_red: Floats

    @classmethod
    def empty(cls, rows_n: int) -> Verdict:
        """All NaN."""
        return cls(**{field.name: np.full(rows_n, np.nan) for field in fields(cls)})
