"""Intervals taken from the run before are those that would have been drawn."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from orchestration.judging.index import IndexInputs, draws, score_index
from orchestration.judging.index.remembered import Remembered
from tests.judging import index_city as small
from tests.judging.test_index import NOON


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The months that were drawn, as numbers of the card's months."""
    seen: list[int] = []
    draw: Callable[..., draws.Spread] = draws.spread

    def spread(*given: object) -> draws.Spread:
        seen.append(int(str(given[2])))
        return draw(*given)

    monkeypatch.setattr(draws, "spread", spread)
    return seen


def scores(inputs: IndexInputs, file: Path | None) -> object:
    remembered = Remembered(file)
    tables = score_index(inputs, NOON, remembered).tables
    remembered.keep()
    return tables["fct_index"].to_dicts()


def test_what_is_remembered_is_what_would_be_drawn(tmp_path: Path, drawn: list[int]) -> None:
    file, inputs = tmp_path / "spreads.npz", small.city()
    first = scores(inputs, file)
    months = len(drawn)
    assert months > 1
    assert scores(inputs, file) == first and len(drawn) == months
    assert scores(inputs, None) == first and len(drawn) == 2 * months


def test_another_goalpost_or_count_is_drawn_anew(tmp_path: Path, drawn: list[int]) -> None:
    file = tmp_path / "spreads.npz"
    scores(small.city(), file)
    months = len(drawn)
    for other in (
        small.city(small.version(goals={"A": (60.0, 95.0), "B": (10.0, 1.0), "C": (70.0, 98.0)})),
        small.city(a={"t1": (91, 100), "t2": (80, 100), "t3": (100, 100)}),
    ):
        drawn.clear()
        assert scores(other, file) == scores(other, None)
        assert months < len(drawn) <= 2 * months


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 cut off", b"x" * 100])
def test_a_file_that_cannot_be_read_costs_the_draws(
    tmp_path: Path, drawn: list[int], content: bytes
) -> None:
    file, inputs = tmp_path / "spreads.npz", small.city()
    wanted = scores(inputs, None)
    file.write_bytes(content)
    drawn.clear()
    assert scores(inputs, file) == wanted and drawn
    drawn.clear()
    assert scores(inputs, file) == wanted and not drawn
