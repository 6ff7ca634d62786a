"""R03: weights follow from the judgements, and the panel is consistent."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from simulation.index.version import STRENGTH, judgements, matrix, rows, weights


def test_the_pooled_judgements_give_the_declared_weights() -> None:
    given = judgements(np.random.default_rng(3))
    names = list(STRENGTH)
    pooled = np.ones((len(names), len(names)))
    by = given.group_by("dim_code", "pair_dim").agg(pl.col("pair_value").log().mean().exp())
    for dim, pair, value in by.iter_rows():
        i, j = names.index(dim), names.index(pair)
        pooled[i, j], pooled[j, i] = value, 1 / value
    found, ratio = weights(pooled)
    wanted, _ = weights(matrix())
    assert found == pytest.approx(wanted, abs=1e-6)
    assert ratio < 0.10
    # the six decimals of the published design
    published = [0.113675, 0.211574, 0.113675, 0.113675, 0.061076, 0.061076, 0.113675, 0.211574]
    assert wanted == pytest.approx(published, abs=1e-6)


def test_weights_of_a_card_and_of_each_dimension_sum_to_one() -> None:
    table = rows(np.random.default_rng(3)).filter(pl.col("row_kind") == "W")
    whole = table.filter(pl.col("item_code") == "-").group_by("card").agg(pl.col("weight").sum())
    assert whole["weight"].to_list() == pytest.approx([1, 1], abs=1e-5)
    inside = table.filter(pl.col("item_code") != "-")
    sums = inside.group_by("card", "dim_code").agg(pl.col("weight").sum())["weight"]
    assert sums.to_list() == pytest.approx([1] * len(sums), abs=1e-5)


def test_a_matrix_that_contradicts_itself_is_seen() -> None:
    wild = matrix()
    wild[0, 1], wild[1, 0] = 9, 1 / 9
    wild[1, 2], wild[2, 1] = 9, 1 / 9
    wild[2, 0], wild[0, 2] = 9, 1 / 9
    assert weights(wild)[1] > 0.10
