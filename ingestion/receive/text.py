"""The shape every reader gives: text columns plus `_source_row`, and the records it lost.

`_source_row` is the ordinal of a data record in the archived stream, from 1, after declared
header rows. It is counted by the reader from the ordered stream, never by a window function.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field

import polars as pl

SOURCE_ROW = "_source_row"
# Beside the cells of a stream's message: when the broker got it (UTC), and whether it is one
# without a value, which deletes its key.
SENT = "_sent"
TOMBSTONE = "_tombstone"


@dataclass(frozen=True)
class BrokenRecord:
    """A record that has no cells: its ordinal, why, and its shape (never its text)."""

    source_row: int
    rule: str  # structure | encoding | unknown_column
    shape: str
    column: str | None = None  # the undeclared key, where that is why


@dataclass(frozen=True)
class Facts:
    """What a reader saw of a batch's bytes, so that cleaning is skipped where it changes nothing.

    `ascii`: columns without a byte above 7F; `plain`: of these, without a blank or control either;
    `quiet`: columns in which no eleven digits can stand together, whatever their width.
    """

    ascii: frozenset[str] = frozenset()
    plain: frozenset[str] = frozenset()
    quiet: frozenset[str] = frozenset()


@dataclass
class TextStream:
    """Batches of text; `broken` is complete once the batches are exhausted.

    `facts` are of the batch given last; None where the reader did not see its bytes.
    """

    columns: list[str]
    batches: Iterator[pl.DataFrame]
    broken: list[BrokenRecord] = field(default_factory=list)
    facts: Facts | None = None


class Unreadable(ValueError):
    """A delivery that cannot be read at all: refused whole, with the reason (never a value)."""


def distinct_header(cells: list[str], declared: Collection[str]) -> None:
    """Refuse a header that repeats a cell; only declared names are shown, others may be data."""
    twice = sorted({c for c in cells if cells.count(c) > 1})
    if not twice:
        return
    named = [c for c in twice if c in declared]
    shown = ", ".join(named) if named else f"{len(twice)} of its cells"
    raise Unreadable(f"the header row has twice: {shown}")
