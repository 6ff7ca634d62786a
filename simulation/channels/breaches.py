"""Breaches of a contract's row rules: what no column can get wrong by itself."""

from __future__ import annotations

from datetime import date, datetime, time

import polars as pl

from simulation import dirt
from simulation.api_data import JsonDefects

LONG_AGO, LONG_AGO_TIME = "2020-01-01", "2020-01-01 08:00:00"
LONG_AGO_DAY = date(2020, 1, 1)
LONG_AGO_MOMENT = datetime.combine(LONG_AGO_DAY, time(8))


def refused(column: str, rule: str, value: object, where: pl.Expr | None = None) -> dirt.Defect:
    """A cell replaced so that `rule` refuses the row; where it is filled, or `where`.

    `value` is of the column's type: text in a file, the type of the column in a database.
    """
    return _cell(column, rule, "quarantined", value, where)


def warned(column: str, rule: str, value: object, where: pl.Expr | None = None) -> dirt.Defect:
    """The same for a rule that only marks the row."""
    return _cell(column, rule, "warned", value, where)


def _cell(column: str, rule: str, fate: str, value: object, where: pl.Expr | None) -> dirt.Defect:
    place = dirt.present(column) if where is None else where

    def spoil(s: pl.Series) -> pl.Series:
        return pl.Series(s.name, [value] * len(s), dtype=s.dtype)

    return dirt.Defect(f"breach of {rule}", column, rule, fate, spoil, place)


def in_json(column: str, rule: str, value: str, shape: str = r'[^",]*') -> JsonDefects:
    """The value of a key in JSON text replaced by `value` (JSON), so that `rule` refuses the row.

    `shape` is the pattern of what stands there, by default a number, boolean or null.
    """
    pattern, replacement = rf'"{column}":{shape}([,}}])', f'"{column}":{value}${{1}}'
    return [(f"breach of {rule}", column, pattern, replacement, rule)]
