"""Weights from pairwise judgements (AHP), and how consistent the judges were.

Pooling by the geometric mean keeps a_ij · a_ji = 1 (Aczél & Saaty 1983, J. Math. Psychology 27);
weights are the row geometric means (Crawford & Williams 1985, J. Math. Psychology 29), which for a
consistent matrix are its eigenvector. CR = (λ - n) / (n - 1) / RI(n) with Saaty's random indices
(1980, The Analytic Hierarchy Process); below 0.10 the judgements are accepted.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from orchestration.judging.posterior import Floats

RANDOM_INDEX = {3: 0.58, 4: 0.90, 5: 1.12, 6: 1.24, 7: 1.32, 8: 1.41, 9: 1.45, 10: 1.49}
LEAST_JUDGES = 7
MOST_INCONSISTENCY = 0.10


def pooled(judgements: pl.DataFrame, dimensions: list[str]) -> Floats:
    """The judges' matrix (n, n), reciprocal, of rows dim_code, pair_dim, judge_no, pair_value.

    Raises ValueError that names the pair no judge, or too few judges, compared.
    """
    place = {d: i for i, d in enumerate(dimensions)}
    matrix = np.ones((len(dimensions), len(dimensions)))
    mean = judgements.group_by("dim_code", "pair_dim").agg(
        value=pl.col("pair_value").log().mean().exp(), judges_n=pl.col("judge_no").n_unique()
    )
    seen = {frozenset((a, b)) for a, b in zip(mean["dim_code"], mean["pair_dim"], strict=True)}
    missing = [
        f"{a}/{b}"
        for i, a in enumerate(dimensions)
        for b in dimensions[i + 1 :]
        if frozenset((a, b)) not in seen
    ]
    if missing:
        raise ValueError(f"no judgement of {', '.join(missing)}")
    few = mean.filter(pl.col("judges_n") < LEAST_JUDGES)
    if len(few):
        row = few.sort("dim_code", "pair_dim").row(0, named=True)
        raise ValueError(
            f"{row['judges_n']} judges compared {row['dim_code']}/{row['pair_dim']},"
            f" {LEAST_JUDGES} are needed"
        )
    for row in mean.iter_rows(named=True):
        i, j = place[row["dim_code"]], place[row["pair_dim"]]
        matrix[i, j], matrix[j, i] = row["value"], 1.0 / row["value"]
    return matrix


def weights(matrix: Floats) -> Floats:
    """Row geometric means, scaled to sum to 1."""
    mean = np.exp(np.log(matrix).mean(axis=1))
    return np.asarray(mean / mean.sum(), dtype=np.float64)


def consistency_ratio(matrix: Floats) -> float:
    """CR of a matrix of three to ten rows; smaller ones are consistent by themselves."""
    n = len(matrix)
    if n < 3:
        return 0.0
    weight = weights(matrix)
    principal = float(((matrix @ weight) / weight).mean())
    return (principal - n) / (n - 1) / RANDOM_INDEX[n]
