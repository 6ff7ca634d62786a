"""Two releases beside each other tell nothing that each of them hides (DP-08)."""

from __future__ import annotations

from datetime import date
from itertools import pairwise

import numpy as np
import polars as pl
import pytest

from orchestration.judging import suppression
from orchestration.judging.standing import let_stand
from orchestration.judging.step import COLUMNS

REGISTRY = pl.DataFrame({"indicator_code": ["X", "D"], "disclosure": ["k10", "none"]})
DISTRICTS = [f"33060{d}" for d in range(1, 7)]
UNITS = pl.DataFrame({"unit_code": DISTRICTS}).select(
    "unit_code",
    unit_level=pl.lit("district"),
    parent_level=pl.lit("city"),
    parent_code=pl.lit("330600"),
)


def release(
    counts: list[tuple[int, int]], number: int, disclosure: str = "k10", **more: object
) -> pl.DataFrame:
    """A judged period of six districts and their city, after suppression."""
    hits, size = ([c[i] for c in counts] for i in (0, 1))
    rows = pl.DataFrame(
        {
            "unit_level": ["city", *["district"] * 6],
            "unit_code": ["330600", *DISTRICTS],
            "numerator": [float(sum(hits)), *map(float, hits)],
            "denominator": [float(sum(size)), *map(float, size)],
        }
    ).with_columns(
        indicator_code=pl.lit("X"), window_kind=pl.lit("month"), period_label=pl.lit("2026-08"),
        period_start=pl.lit(date(2026, 8, 1)), period_end=pl.lit(date(2026, 8, 31)),
        value=100 * pl.col("numerator") / pl.col("denominator"), is_provisional=pl.lit(False),
        is_complete=pl.lit(True), is_running=pl.lit(False), formula_version=pl.lit("1.0.0"),
        as_of=pl.datetime(2026, 9, number, 9), release_id=pl.lit(f"r{number}"),
        fresh_until=pl.datetime(2026, 9, number),
    ).with_columns(pl.lit(v).alias(k) for k, v in more.items())  # fmt: skip
    marked = suppression.mark(rows, disclosure, UNITS)
    empty = [c for c in COLUMNS if c not in marked.columns]
    strings = ("light", "light_reason_zh", "quality_flag")
    return suppression.hide(
        marked.with_columns(
            pl.lit(None, pl.String if c in strings else pl.Int64 if c == "open_n" else pl.Float64)
            .alias(c)
            for c in empty
        ),
        disclosure,
    ).select(COLUMNS)  # fmt: skip


CALM = [(80, 120), (90, 150), (60, 100), (70, 110), (40, 80), (4, 40)]


def change(place: int, hits: int, size: int) -> list[tuple[int, int]]:
    found = list(CALM)
    found[place] = (found[place][0] + hits, found[place][1] + size)
    return found


def counts(table: pl.DataFrame) -> list[tuple[object, ...]]:
    return table.sort("unit_code").select("unit_code", "numerator", "denominator").rows()


@pytest.mark.parametrize(
    ("later", "why"),
    [
        (change(0, 1, 1), "one person came late to a district that is shown"),
        (change(5, 1, 1), "one person came late to a hidden one: the city moves by one"),
        (change(5, 20, 40), "a district once hidden would be shown, and its neighbour was"),
        (change(2, -55, 0), "a district once shown would be hidden, and is known"),
    ],
)
def test_a_revision_that_would_tell_of_few_is_not_published(
    later: list[tuple[int, int]], why: str
) -> None:
    first, second = release(CALM, 1), release(later, 2)
    assert counts(first) != counts(second)
    stood = let_stand(second, first, REGISTRY)
    assert counts(stood) == counts(first), why
    assert stood["release_id"].unique().to_list() == ["r2"]
    assert stood.schema == second.schema


def test_a_large_revision_is_published() -> None:
    first, second = release(CALM, 1), release(change(0, 15, 30), 2)
    assert counts(let_stand(second, first, REGISTRY)) == counts(second)
    restated = release(change(0, 1, 1), 2, formula_version="1.1.0")
    assert counts(let_stand(restated, first, REGISTRY)) == counts(restated), "people decided that"
    assert let_stand(second, None, REGISTRY) is second


def test_what_was_running_is_replaced_by_its_end() -> None:
    running = release(CALM, 1, is_running=True)
    assert running["suppressed"].all(), "day by day it would tell single cases"
    over = release(change(0, 1, 1), 2)
    assert counts(let_stand(over, running, REGISTRY)) == counts(over)


def test_the_difference_of_any_two_releases_tells_of_nobody_alone() -> None:
    """Random late rows, release after release: every difference is none, or of ten and more."""
    chance = np.random.default_rng(7)
    moved = 0
    for _ in range(40):
        sizes, shares = chance.integers(5, 200, 6), chance.uniform(0.1, 0.9, 6)
        true = [(int(n * s), int(n)) for n, s in zip(sizes, shares, strict=True)]
        published = [release(true, 1)]
        for number in range(2, 12):
            late = chance.integers(0, 6)
            size = int(chance.choice([1, 2, 5, 40, 90]))
            hits = int(chance.integers(0, size + 1))
            true[late] = (true[late][0] + hits, true[late][1] + size)
            published.append(let_stand(release(true, number), published[-1], REGISTRY))
        first = published[0].sort("unit_code")
        for table in published[1:]:
            later = table.sort("unit_code")
            assert later["suppressed"].to_list() == first["suppressed"].to_list()
        for before, after in pairwise(published):
            steps = [
                (after.sort("unit_code")[n] - before.sort("unit_code")[n]).drop_nulls()
                for n in ("numerator", "denominator")
            ]
            for step in steps:
                assert all(abs(s) >= 10 for s in step if s != 0), step
                moved += int((step != 0).sum())
            if first["suppressed"].any() and not first["suppressed"][0]:
                for step in steps:  # the city stands first; the rest is what is shown
                    beside = step[0] - step[1:].sum()
                    assert beside == 0 or abs(beside) >= 10
    assert moved > 20, "else everything stood"


def test_an_open_indicator_is_revised_by_any_step() -> None:
    first = release(CALM, 1, "none", indicator_code="D")
    second = release(change(0, 1, 1), 2, "none", indicator_code="D")
    assert let_stand(second, first, REGISTRY) is second
