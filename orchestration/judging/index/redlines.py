"""Red lines (一票否决): which unit's score is capped in which month (stability_index.md §4.7).

A confirmed veto caps the score from the month of its confirmation for twelve months, the window the
score itself looks back on (our reading; the rules of the year's assessment may set another). It
needs evidence, and an appeal that annuls it ends it: marts.index_veto holds only those that stand.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import polars as pl

from orchestration.judging.index.sources import YEAR, Months


def red_lines(
    vetoes: pl.DataFrame, level: str, codes: list[str], months: Months
) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.object_]]:
    """(units, months): whether a red line holds, and the numbers of its evidence ('' for none)."""
    held = np.zeros((len(codes), len(months)), dtype=bool)
    evidence = np.full((len(codes), len(months)), "", dtype=object)
    place = {code: i for i, code in enumerate(codes)}
    ordered = vetoes.filter(pl.col("unit_level") == level).sort("veto_confirm_date", "sheet_code")
    for row in ordered.iter_rows(named=True):
        unit = place.get(row["unit_code"])
        if unit is None:
            continue
        begun = np.datetime64(row["veto_confirm_date"], "M")
        inside = (months >= begun) & (months < begun + YEAR)
        held[unit] |= inside
        evidence[unit, inside] = [
            f"{known},{row['evidence_no']}" if known else row["evidence_no"]
            for known in evidence[unit, inside]
        ]
    return held, evidence
