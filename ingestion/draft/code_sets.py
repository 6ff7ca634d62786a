"""Which standard or code table a column's values follow.

A standard's pattern is taken where it cannot be met by chance or the header says so; a table
where the values are found in one table only, or in the one that the city's contracts use for a
column of that name. Several candidates are named, and a person decides.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from ingestion.city import city
from ingestion.contract import load_all
from ingestion.contract.codes import districts, tables
from ingestion.draft.kinds import MOST, is_credit_code

MAX_CODES = 30
MAX_CODE_CHARS = 20
# A pattern few other numbers meet, or None; and what a header says where others meet it too.
_STANDARDS = {
    "TZ_PROJECT_CODE": None,
    "GRID_CODE": None,
    "NBS_TOWN": None,
    "YYYYQN": None,
    "YYYYMM": r"月|期|period|month",
    "ORG_POLICE": r"公安|派出所|police",
    "GB/T 4754": r"行业|industry",
    "GB/T 2260": r"区划|区县|县\(|市、区|region|district",
}


@dataclass(frozen=True)
class Codes:
    """The code table of a column, or the candidates and what was seen, for a comment."""

    table: str | None
    seen: tuple[str, ...] = ()
    candidates: tuple[str, ...] = ()
    checksum: str | None = None


def _standard(header: str, cells: pl.Series) -> str | None:
    known = tables()
    for name, says in _STANDARDS.items():
        pattern = known[name].pattern if name in known else None
        named = says is None or re.search(says, header, re.IGNORECASE)
        if pattern and named and float(cells.str.contains(pattern).mean() or 0) >= MOST:  # type: ignore[arg-type]
            return name
    local = float(cells.is_in([*districts(), city().code]).mean() or 0)  # type: ignore[arg-type]
    return "GB/T 2260" if local >= MOST else None


def _used_for(header: str, name: str) -> set[str]:
    """Code tables that the contracts declare for a column of this header or name."""
    return {
        f.code_table
        for c in load_all().values()
        for f in c.fields
        if f.code_table and (header in (f.source, f.label) or name == f.name)
    }


def _tables_with(values: Sequence[str]) -> list[str]:
    wanted = set(values)
    return [name for name, table in tables().items() if table.codes and wanted <= set(table.codes)]


def codes_of(header: str, name: str, column: pl.Series) -> Codes | None:
    """What code set a column of text follows; None where its values are no codes."""
    cells = column.str.normalize("NFKC").str.strip_chars().drop_nulls()
    cells = cells.filter(cells.str.len_bytes() > 0)
    if not len(cells):
        return None
    if is_credit_code(cells) >= MOST:
        return Codes("GB 32100", checksum="GB 32100")
    standard = _standard(header, cells)
    if standard:
        return Codes(standard)
    counts = cells.value_counts(sort=True, name="n")
    # A mistyped code must not hide the table from the rest.
    usual = counts.filter(pl.col("n") > max(1, len(cells) // 500))
    values = usual[cells.name].to_list()
    if not 2 <= len(values) <= MAX_CODES or max(map(len, values)) > MAX_CODE_CHARS:
        return None
    if usual["n"].sum() < MOST * len(cells) or len(cells) < 3 * len(values):
        return None
    seen = tuple(sorted(values))
    found = _tables_with(seen)
    used = [t for t in found if t in _used_for(header, name)]
    chosen = used if len(used) == 1 else found
    words = any(not v.isdigit() for v in seen)
    if len(used) == 1 or (len(chosen) == 1 and (words or len(seen) > 3)):
        return Codes(chosen[0], seen)
    return Codes(None, seen, tuple(found[:6]))
