"""What is told of a batch's bytes is true, whichever reader it came from."""

from __future__ import annotations

import io
import re

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from ingestion.conform.personal import _DIGITS_OF_ANY_WIDTH
from ingestion.receive import delimited, seen
from ingestion.receive.text import Facts

PIECES = st.sampled_from(
    ["1", "23", "456 789", "-", " ", "\n", "x", "绍兴", "１２３", "é", "0" * 9]
)
CELLS = st.lists(st.one_of(st.none(), st.lists(PIECES, max_size=8).map("".join)), max_size=12)


def check(facts: Facts, name: str, cells: list[str | None]) -> None:
    text = [cell for cell in cells if cell is not None]
    assert (name in facts.ascii) == all(cell.isascii() for cell in text)
    if name in facts.plain:
        assert name in facts.ascii
        assert all(cell and min(cell) > " " for cell in text)
    if name in facts.quiet:
        assert not any(re.search(_DIGITS_OF_ANY_WIDTH, cell) for cell in text)


@given(CELLS, CELLS, st.integers(0, 5))
def test_facts_are_true_of_every_cell(first: list[str], second: list[str], skipped: int) -> None:
    height = min(len(first), len(second))
    frame = pl.DataFrame(
        {"a": first[:height], "b": second[:height], "n": range(height)},
        schema={"a": pl.String, "b": pl.String, "n": pl.Int64},
    ).slice(skipped)
    facts = seen.of_frame(frame)
    for name in ("a", "b"):
        check(facts, name, frame[name].to_list())
    assert "n" not in facts.ascii


def test_plain_codes_are_plain() -> None:
    facts = seen.of_frame(pl.DataFrame({"code": ["330602", None, "330604"], "empty": ["", "", ""]}))
    assert facts.plain == {"code"}


def test_the_header_of_a_file_says_nothing_of_its_cells() -> None:
    content = "编号,名称\n1,绍兴\n2,诸暨\n".encode()
    text = delimited.read(lambda: io.BytesIO(content), "utf-8")
    (batch,) = text.batches
    assert batch["编号"].to_list() == ["1", "2"]
    assert text.facts is not None
    assert text.facts.plain == {"编号"}
