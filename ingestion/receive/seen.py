"""What the bytes of a batch's columns are made of: cleaning is skipped where it changes nothing.

Looked at as one run of bytes a column: a question to the engine for each costs more.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import polars as pl
import pyarrow as pa

from ingestion.receive.text import Facts

_LINE_END, _BLANK, _FIRST_NON_ASCII = 0x0A, 0x20, 0x80
_DIGIT_LIKE = np.zeros(256, dtype=np.bool_)
_DIGIT_LIKE[list(b"0123456789 -")] = True
Bytes = npt.NDArray[np.uint8]


def of_columns(columns: Sequence[pa.Array], names: Sequence[str]) -> tuple[Facts, set[str]]:
    """The facts of Arrow columns of text, and the columns with a cell of several lines."""
    ascii_only, plain, quiet, several_lines = set(), set(), set(), set()
    for name, column in zip(names, columns, strict=True):
        cells, has_empty = _cells(column)
        lowest = cells.min(initial=_FIRST_NON_ASCII)
        if cells.max(initial=0) < _FIRST_NON_ASCII:
            ascii_only.add(name)
            if lowest > _BLANK and not has_empty:
                plain.add(name)
        if _is_quiet(cells, name in ascii_only):
            quiet.add(name)
        if lowest <= _LINE_END and (cells == _LINE_END).any():
            several_lines.add(name)
    return Facts(frozenset(ascii_only), frozenset(plain), frozenset(quiet)), several_lines


def of_frame(text: pl.DataFrame) -> Facts:
    """The facts of a batch whose reader did not see its bytes."""
    names = [name for name, dtype in text.schema.items() if dtype == pl.String]
    laid = text.select(names).to_arrow(compat_level=pl.CompatLevel.oldest()).combine_chunks()
    columns = [column.combine_chunks() for column in laid.columns]
    return of_columns([_one_array(column) for column in columns], names)[0]


def _one_array(column: pa.Array | pa.ChunkedArray) -> pa.Array:
    if not isinstance(column, pa.ChunkedArray):
        return column
    return column.chunk(0) if column.num_chunks else pa.array([], pa.large_string())


def _cells(column: pa.Array) -> tuple[Bytes, bool]:
    """The bytes of a column's cells, one behind the other; whether a cell is empty and not null."""
    _, starts, values = column.buffers()
    if not len(column) or starts is None:
        return np.empty(0, np.uint8), False
    wide = np.int64 if pa.types.is_large_string(column.type) else np.int32
    offsets = np.frombuffer(starts, wide)[column.offset : column.offset + len(column) + 1]
    empty_n = np.count_nonzero(offsets[1:] == offsets[:-1])
    cells = np.frombuffer(values, np.uint8) if values else np.empty(0, np.uint8)
    return cells[offsets[0] : offsets[-1]], empty_n > column.null_count


def _is_quiet(cells: Bytes, ascii_only: bool) -> bool:
    """Whether no eleven digits stand together, with single blanks or hyphens between or without.

    Eleven such bytes in a row cover two neighbours of every fifth byte.
    """
    fifth = _DIGIT_LIKE[cells[::5]]
    if (fifth[1:] & fifth[:-1]).any():
        return False
    if ascii_only:
        return True
    # A full-width digit is EF BC 90 to EF BC 99.
    at = np.flatnonzero(cells[:-2] == 0xEF)
    last = cells[at + 2]
    return not ((cells[at + 1] == 0xBC) & (last >= 0x90) & (last <= 0x99)).any()
