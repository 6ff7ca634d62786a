"""What goes wrong in any feed, found from its contract: defects of a kind each column can have.

Columns that a row rule names are left alone, so that a planted defect breaks one rule only.
"""

from __future__ import annotations

import re
from collections.abc import Callable

import polars as pl

from ingestion.contract import Contract
from ingestion.contract.codes import table as code_table
from ingestion.contract.model import Field
from simulation.api_data import JsonDefects
from simulation.channels.streams import MALFORMED, MessageDefect
from simulation.dirt import Defect, constant, full_width, present

WRONG_DATE, WRONG_NUMBER = "待定", "约三成"
# At most so many columns of one kind: the table of truth should show every kind, not every column.
EACH = 2


def _free(contract: Contract) -> list[Field]:
    """Columns that no row rule names, no key holds and no transport uses."""
    named = " ".join(r.expression for r in contract.row_rules)
    taken = {
        f.name
        for f in contract.fields
        if f.key_position is not None or f.transport or re.search(rf"\b{f.name}\b", named)
    }
    if contract.partition_field:
        taken.add(contract.partition_field)
    if contract.version_field:
        taken.add(contract.version_field)
    return [f for f in contract.fields if f.name not in taken]


def _unknown_code(field: Field) -> tuple[str, str] | None:
    """A value outside the column's table, and the rule that says so."""
    if not field.code_table:
        return None
    listed = code_table(field.code_table)
    if listed.pattern:
        return "X?", "pattern"
    width = len(listed.codes[0])
    for digit in "97":
        if (made := digit * width) not in listed.codes:
            return made, "code"
    return "Z" * width, "code"


def _wrong_check(s: pl.Series) -> pl.Series:
    """Another last character: well formed, but the check no longer fits."""
    last = s.str.slice(-1)
    other = pl.select(pl.when(last == "A").then(pl.lit("C")).otherwise(pl.lit("A"))).to_series()
    return (s.str.head(17) + other).alias(s.name)


def _exponent(s: pl.Series) -> pl.Series:
    """A long number as a spreadsheet saves it: 3.30602E+11."""
    return pl.Series(s.name, [f"{float(v):.5E}" if v else v for v in s.to_list()], pl.String)


def _no_leading_zero(s: pl.Series) -> pl.Series:
    return s.str.strip_chars_start("0")


def _two_lines(s: pl.Series) -> pl.Series:
    """A line break inside a quoted cell."""
    return s + "\n(补充)"


def _cells(field: Field) -> list[tuple[str, Defect]]:
    """(kind, defect) of one column of a text file."""
    name, made = field.name, []

    def add(kind: str, rule: str, spoil: Callable[[pl.Series], pl.Series], *, needs: bool) -> None:
        fate = "quarantined" if rule else "accepted"
        where = present(name) if needs else None
        made.append((kind, Defect(kind, name, rule, fate, spoil, where)))

    if field.required and field.pii in ("none", "HEALTH", "MINOR"):
        add("missing required", "required", constant(None), needs=False)
    unknown = _unknown_code(field)
    if unknown and not field.personal:
        add("unknown code", unknown[1], constant(unknown[0]), needs=True)
        codes = code_table(field.code_table or "").codes
        # a code of zeros alone would be an empty cell, not a wrong code
        zeros = [c for c in codes if c.startswith("0") and c.lstrip("0") not in ("", *codes)]
        if zeros and len(zeros) == len([c for c in codes if c.startswith("0")]):
            lost = Defect(
                "lost leading zero",
                name,
                "code",
                "quarantined",
                _no_leading_zero,
                pl.col(name).str.starts_with("0"),
            )
            made.append(("lost leading zero", lost))
    if field.code_table == "NBS_TOWN":
        add("number ruined by a spreadsheet", "pattern", _exponent, needs=True)
        add("full-width digits", "", full_width, needs=True)
    if field.logical in ("date", "timestamp"):
        add("unparseable date", "type", constant(WRONG_DATE), needs=True)
    if field.logical in ("integer", "number"):
        add("not a number", "type", constant(WRONG_NUMBER), needs=True)
        add("full-width digits", "", full_width, needs=True)
    if field.checksum == "GB 32100":
        add("bad check character", "checksum", _wrong_check, needs=True)
    if field.pii in ("FREE", "ADDR"):
        add("line break in a cell", "", _two_lines, needs=True)
    return made


def _thinned(found: list[tuple[str, Defect]]) -> list[Defect]:
    seen: dict[str, int] = {}
    kept = []
    for kind, defect in found:
        seen[kind] = seen.get(kind, 0) + 1
        if seen[kind] <= EACH:
            kept.append(defect)
    return kept


def cell_defects(contract: Contract) -> list[Defect]:
    """For files: every kind of defect the contract's columns can have."""
    return _thinned([d for f in _free(contract) for d in _cells(f)])


def column_defects(contract: Contract) -> list[Defect]:
    """For a database, whose columns are typed: only what text columns can get wrong."""
    texts = [f for f in _free(contract) if f.logical == "string" and not f.personal]
    kinds = ("unknown code", "missing required", "bad check character")
    return [d for d in _thinned([d for f in texts for d in _cells(f)]) if d.name in kinds]


def json_defects(contract: Contract) -> JsonDefects:
    """For an interface: (name, column, pattern, replacement, rule) on the JSON text."""
    made: list[tuple[str, tuple[str, str, str, str, str]]] = []
    for field in _free(contract):
        if field.personal and field.pii not in ("HEALTH", "MINOR"):
            continue
        name = field.name
        string, number = rf'"{name}":"[^"]*"', rf'"{name}":[-0-9.eE]+'
        unknown = _unknown_code(field)
        kinds: list[tuple[str, str, str, str]] = []
        if unknown:
            kinds.append(("unknown code", string, f'"{name}":"{unknown[0]}"', unknown[1]))
        if field.required and field.logical == "string":
            kinds.append(("missing required", string, f'"{name}":null', "required"))
        if field.required and field.logical in ("date", "timestamp"):
            kinds.append(("unparseable date", string, f'"{name}":"{WRONG_DATE}"', "type"))
        if field.required and field.logical in ("integer", "number"):
            kinds.append(("not a number", number, f'"{name}":"{WRONG_NUMBER}"', "type"))
        # an optional column has nothing to spoil in some rows: its defects would not be there
        if not field.required:
            kinds = []
        made += [(kind, (kind, name, *rest)) for kind, *rest in kinds]  # type: ignore[misc]
    seen: dict[str, int] = {}
    kept = []
    for kind, defect in made:
        seen[kind] = seen.get(kind, 0) + 1
        if seen[kind] <= EACH:
            kept.append(defect)
    return kept


def message_defects(contract: Contract) -> list[MessageDefect]:
    """For a stream: the same on the messages' text, a key nobody announced, broken JSON."""
    made = [MessageDefect(*d) for d in json_defects(contract)]
    unannounced = MessageDefect("unknown key", "", r"^\{", '{"remark_level":"2",', "unknown_column")
    return [*made, unannounced, MALFORMED]
