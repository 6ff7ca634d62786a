"""Weights, versions, waterfall, draws and the gate of the index, each by itself."""

from __future__ import annotations

from datetime import date, datetime

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from ingestion.clock import LOCAL
from orchestration.judging.index import ahp, draws, score, score_index, scoring, sensitivity
from orchestration.judging.index.framework import Version, read_versions
from orchestration.judging.index.sources import Window
from orchestration.judging.index.waterfall import Profile, contributions, log_mean, peer_profile
from simulation.index.version import matrix
from tests.judging import index_city as small

NOON = datetime(2026, 9, 17, 9, tzinfo=LOCAL)


def test_the_example_matrix_gives_the_published_weights_and_consistency() -> None:
    example = matrix()
    published = [0.113675, 0.211574, 0.113675, 0.113675, 0.061076, 0.061076, 0.113675, 0.211574]
    assert ahp.weights(example) == pytest.approx(published, abs=1e-6)
    assert round(ahp.consistency_ratio(example), 4) == 0.0021


@given(st.lists(st.floats(0.2, 5.0), min_size=3, max_size=9))
def test_a_consistent_matrix_gives_back_its_weights(strength: list[float]) -> None:
    weight = np.array(strength) / sum(strength)
    consistent = weight[:, None] / weight[None, :]
    assert ahp.weights(consistent) == pytest.approx(weight)
    assert ahp.consistency_ratio(consistent) == pytest.approx(0.0, abs=1e-9)


def test_nearly_consistent_weights_are_those_of_the_eigenvector() -> None:
    rng = np.random.default_rng(1)
    noise = np.triu(rng.normal(0, 0.1, (6, 6)), 1)
    judged = np.exp(noise - noise.T)
    values, vectors = np.linalg.eig(judged)
    principal = np.abs(np.real(vectors[:, np.real(values).argmax()]))
    assert ahp.weights(judged) == pytest.approx(principal / principal.sum(), abs=2e-3)
    ratio = (np.real(values).max() - 6) / 5 / 1.24
    assert ahp.consistency_ratio(judged) == pytest.approx(ratio, abs=1e-4)


def refusals(rows: pl.DataFrame) -> list[str]:
    good, refused = read_versions(rows, small.items())
    assert not (good and refused)
    return refused


def changed(column: str, value: float, **where: str) -> pl.DataFrame:
    chosen = pl.all_horizontal([pl.col(c) == v for c, v in where.items()])
    return small.version().with_columns(
        pl.when(chosen).then(pl.lit(value)).otherwise(column).alias(column)
    )


def test_a_version_is_refused_by_name_rule_and_value() -> None:
    assert refusals(small.version()) == []
    (text,) = refusals(changed("weight", 0.7, row_kind="W", dim_code="D1", item_code="-"))
    assert (
        text
        == "feed:R03 version v1 card TOWN: the weights of the dimensions sum to 0.950000, not 1"
    )
    (text,) = refusals(changed("weight", 0.9, row_kind="W", item_code="A"))
    assert "items of D1 sum to 1.400000" in text
    (text,) = refusals(small.version(judges=6))
    assert "6 judges compared D1/D2, 7 are needed" in text
    (text,) = refusals(small.version(judges=0))
    assert "unequal weights without the judgements behind them" in text
    (text,) = refusals(small.version(judgements={("D1", "D2"): 2.0}))
    assert "weight of D1 is signed as 0.750000, its judgements give 0.666667" in text
    (text,) = refusals(small.version(goals={**small.GOALS, "B": (0.0, 20.0)}))
    assert "goalposts of B run against the direction" in text
    (text,) = refusals(small.version().filter(pl.col("item_code") != "C"))
    assert "no weight of C" in text


def test_contradicting_judges_are_refused() -> None:
    three = ("D1", "D2", "D3")
    listed = tuple(
        (d, c, "higher", "share", "town", None) for d, c in zip(three, "ABC", strict=True)
    )
    circle = {("D1", "D2"): 5.0, ("D2", "D3"): 5.0, ("D1", "D3"): 0.2}
    rows = small.version(
        dict.fromkeys(three, 1 / 3),
        dict.fromkeys("ABC", (50.0, 100.0)),
        priors=False,
        item_weights=dict.fromkeys("ABC", 1.0),
        judgements=circle,
    ).with_columns(
        dim_code=pl.when(pl.col("item_code") != "-")
        .then(pl.col("item_code").replace(dict(zip("ABC", three, strict=True))))
        .otherwise("dim_code")
    )
    good, refused = read_versions(rows, small.items(listed=listed))
    assert good == []
    assert "consistency ratio" in refused[0]


def example() -> Version:
    return read_versions(small.version(), small.items())[0][0]


scores = st.floats(0.0, 100.0)
numbers = st.lists(scores, min_size=3, max_size=3)


def profile(version: Version, items: list[list[float]]) -> Profile:
    each = np.array(items)
    weights = np.tile(version.item_weight, (len(each), 1))
    dimensions = scoring.dimension_scores(each, weights, version)
    weight = np.tile(version.dimension_weight, (len(each), 1))
    return Profile(each, weights, dimensions, weight, scoring.total(dimensions, weight))


@settings(max_examples=300)
@given(st.lists(st.tuples(numbers, numbers), min_size=1, max_size=4))
def test_the_waterfall_closes(pairs: list[tuple[list[float], list[float]]]) -> None:
    version = example()
    here = profile(version, [a for a, _ in pairs])
    there = profile(version, [b for _, b in pairs])
    made = contributions(here, there, version)
    gap = here.score - there.score
    assert np.abs(made.dimensions.sum(axis=1) - gap).max() < 1e-9
    assert np.abs(made.items.sum(axis=1) - gap).max() < 1e-9


@given(st.lists(numbers, min_size=3, max_size=8))
def test_the_waterfall_against_the_peers_closes(items: list[list[float]]) -> None:
    version = example()
    here = profile(version, items)
    there = peer_profile(here, [np.arange(len(items))], version)
    assert there.item_scores[0] == pytest.approx(np.median(items, axis=0))
    made = contributions(here, there, version)
    assert np.abs(made.items.sum(axis=1) - (here.score - there.score)).max() < 1e-9


@given(st.floats(0.5, 100.0), st.floats(-1e-7, 1e-7))
def test_the_logarithmic_mean_keeps_its_digits_near_equality(a: float, relative: float) -> None:
    b = a * (1 + relative)
    assert log_mean(np.array([a]), np.array([b]))[0] == pytest.approx((a + b) / 2, rel=1e-12)
    assert log_mean(np.array([a]), np.array([a]))[0] == a


def test_the_drawn_scores_hold_the_truth_as_often_as_they_say() -> None:
    """Towns whose true values are known: their true score lies in nine of ten central intervals.

    With the weights and the mean of the version itself; the published interval draws those too.
    """
    rng = np.random.default_rng(7)
    version, inside, total = example(), 0, 0
    for _ in range(20):
        towns = [f"t{i:02}" for i in range(30)]
        share, rate = rng.beta(18, 2, 30), rng.gamma(2.0, 1.0, 30)
        a = {t: (float(rng.binomial(10, p)), 10.0) for t, p in zip(towns, share, strict=True)}
        b = {t: (float(rng.poisson(5 * r / 12)), 5.0) for t, r in zip(towns, rate, strict=True)}
        inputs = small.city(a=a, b=b, c={"330602": (1e7, 1e7)})
        card = score.score_card(version, inputs, Window(np.array(["2025-11"], dtype="M8[M]"), 1))
        items = np.stack([draws.item_draws(c, 0, rng)[:, c.pick[:, 0]] for c in card.carried], -1)
        made = scoring.normalise(items, version.worst, version.best)
        dimensions = scoring.dimension_scores(made, card.weights[:, 0], version)
        low, high = np.percentile(scoring.total(dimensions, version.dimension_weight), [5, 95], 0)
        worst, best = version.worst[:2], version.best[:2]
        first = scoring.normalise(np.stack([100 * share, rate], -1), worst, best).mean(axis=1)
        true = 100 * (first / 100) ** 0.75
        inside += int(((low <= true) & (true <= high)).sum())
        total += 30
    assert 0.87 < inside / total < 0.93


def test_the_published_interval_is_wider_where_less_was_counted() -> None:
    few = {"t1": (9.0, 10.0), "t2": (8.0, 10.0), "t3": (10.0, 10.0)}
    many = {t: (100 * n, 100 * d) for t, (n, d) in few.items()}
    widths = []
    for a in (few, many):
        scores = score_index(small.city(a=a), NOON).tables["fct_index"]
        widths.append((scores["interval_high"] - scores["interval_low"]).to_numpy())
        assert (scores["interval_low"] < scores["score"]).all()
        assert (scores["score"] < scores["interval_high"]).all()
    assert widths[0].mean() > 1.02 * widths[1].mean()


def test_the_draws_are_those_of_the_posterior() -> None:
    version = example()
    card = score.score_card(version, small.city(), Window(np.array(["2026-08"], dtype="M8[M]")))
    chance = np.random.default_rng(0)
    drawn = draws.item_draws(card.carried[0], 0, chance)
    expected = stats.beta(12 * 90 + 18, 12 * 10 + 2)
    assert stats.kstest(drawn[:, 0] / 100, expected.cdf).pvalue > 0.01
    drawn = draws.item_draws(card.carried[1], 0, chance)
    assert stats.kstest(drawn[:, 0], stats.gamma(24 + 2, scale=1 / 6).cdf).pvalue > 0.01


def test_the_gate_stops_a_version_whose_order_rests_on_its_weights() -> None:
    rng = np.random.default_rng(2)
    towns = [f"t{i:02}" for i in range(30)]
    a = {t: (float(70 + i), 100.0) for i, t in enumerate(towns)}
    b = {t: (float(rng.permutation(30)[0]) / 3, 5.0) for t in towns}
    listed = (*small.ITEMS[:1], ("D2", "B", "lower", "rate", "town", None), *small.ITEMS[2:])
    opposed = {t: (float(i), 5.0) for i, t in enumerate(towns)}
    rows = small.version({"D1": 0.95, "D2": 0.05}, item_weights={"A": 1.0, "B": 0.5, "C": 0.5})
    rows = rows.with_columns(
        dim_code=pl.when(pl.col("item_code") == "B").then(pl.lit("D2")).otherwise("dim_code")
    )
    for counted, stopped in ((opposed, True), (dict.fromkeys(towns, (1.0, 5.0)), False)):
        inputs = small.city(rows, a=a, b=counted, items=small.items(listed=listed))
        version = read_versions(rows, inputs.items)[0][0]
        gate = sensitivity.gate(version, inputs, np.array(["2026-08"], dtype="M8[M]"))
        equal = next(c for c in gate.compared if c.alternative == "weights=equal")
        if stopped:
            assert equal.tau < 0.6
            assert gate.blocked_zh
            result = score_index(inputs, NOON)
            assert not result.tables["fct_index"]["is_official"].any()
            assert result.tables["fct_index"]["is_blocked"].all()
            assert "不发布" in result.refused[0]
        else:
            assert equal.tau > 0.9
    assert b


def test_the_parts_of_the_variance_add_up() -> None:
    rng = np.random.default_rng(4)
    towns = [f"t{i:02}" for i in range(15)]
    a = {t: (float(rng.binomial(20, 0.85)), 20.0) for t in towns}
    b = {t: (float(rng.poisson(1.0)), 5.0) for t in towns}
    inputs = small.city(a=a, b=b)
    found = sensitivity.sobol(example(), inputs, np.array(["2026-08"], dtype="M8[M]"))
    assert [name for name, *_ in found] == list(sensitivity.Choice._fields)
    for _, alone, together in found:
        assert -1e-9 <= alone <= together + 1e-9
    assert sum(alone for _, alone, _ in found) <= 1.0 + 1e-9 <= sum(t for *_, t in found) + 2e-9


def test_a_month_that_still_runs_has_no_score() -> None:
    months = score_index(small.city(), NOON).tables["fct_index"]["period_start"]
    assert months.max() == date(2026, 8, 1)
    earlier = score_index(small.city(), datetime(2026, 8, 31, 23, tzinfo=LOCAL))
    assert earlier.tables["fct_index"]["period_start"].max() == date(2026, 7, 1)
