"""Which columns may tell the rows apart, when they are dated, and which version they are."""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

_CODE_NAME = re.compile(r"编号|代码|编码|号$|(^|_| )(id|no|code|number)$", re.IGNORECASE)
_PAIRED = 12  # of more columns, pairs are many and a pair that fits is chance
_UPDATED = re.compile(r"更新时间|修改时间|update|modified", re.IGNORECASE)
_HAPPENED = re.compile(
    r"受理|登记|发生|统计|报送|创建|立案|日期$|accept|register|occur|stat|date", re.I
)
_LATER = re.compile(r"更新|修改|截止|办结|完成|竣工|计划|到期|update|finish|due|end|plan", re.I)


@dataclass(frozen=True)
class Column:
    """What matters here of a drafted column."""

    header: str
    name: str
    logical: str
    physical: str
    pii: str | None
    full: bool  # no value is missing
    code: bool = False  # it follows a code table


def looks_like_code(header: str) -> bool:
    """Whether a header names a code or a number of something."""
    return bool(_CODE_NAME.search(header))


def key(columns: Sequence[Column], rows: pl.DataFrame) -> list[str]:
    """Headers of the smallest unique column or pair; empty where there is none."""
    fit = [
        c for c in columns if c.full and c.pii == "none" and c.logical not in ("number", "boolean")
    ]
    fit = [c for c in fit if c.logical != "timestamp" or not _UPDATED.search(c.header)]
    # Names of codes first, what may be a measure last, else in the order of the file.
    fit.sort(key=lambda c: (not looks_like_code(c.header), c.logical == "integer"))
    heads = [c.header for c in fit]
    for size in (1, 2):
        for chosen in itertools.combinations(heads[: _PAIRED if size > 1 else None], size):
            if size == 1 and fit[heads.index(chosen[0])].logical in ("date", "timestamp"):
                continue
            if rows.select(pl.struct(chosen).n_unique()).item() == rows.height:
                return list(chosen)
    return []


def partition(columns: Sequence[Column]) -> str | None:
    """The header of the column whose month divides the table: a full date of what happened."""
    dated = [
        c for c in columns if c.logical in ("date", "timestamp") and c.full and c.pii == "none"
    ]
    dated = [c for c in dated if not _LATER.search(c.header)]
    dated.sort(key=lambda c: not _HAPPENED.search(c.header))
    return dated[0].header if dated else None


def version(columns: Sequence[Column]) -> str | None:
    """The name of the column that orders a row's versions: when it was last changed."""
    found = [
        c for c in columns if c.logical == "timestamp" and _UPDATED.search(c.header) and c.full
    ]
    return found[0].name if found else None
