"""A row rule holds only if nothing beside it can end it. Runs in Superset's environment.

Superset 6.1 takes SQL in the place of a filter's column and writes it as it came: `1 = 1 OR
scope_code` beside the row rule gives every row (`tests/dashboards/test_attacks.py`). Conditions in
SQL are put in brackets by Superset, chosen values are bound; so a filter's column, and that of a
series, must be the name of one of the dataset's columns. Our pages need nothing else.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Collection, Iterable
from typing import Any

REFUSED = "筛选条件只能使用数据集的列"


def foreign(columns: Iterable[Any], known: Collection[str]) -> list[Any]:
    """The entries that are SQL of the asker's own and not one column's name."""
    return [
        column
        for column in columns
        if isinstance(column, dict) and str(column.get("sqlExpression", "")).strip() not in known
    ]


def install() -> None:
    """Look at every question before its SQL is written, wherever it comes from."""
    from superset.connectors.sqla.models import SqlaTable
    from superset.exceptions import QueryObjectValidationError

    build = SqlaTable.get_sqla_query
    if hasattr(build, "__wrapped__"):
        return
    signature = inspect.signature(build)

    @functools.wraps(build)
    def get_sqla_query(self: Any, *args: Any, **query: Any) -> Any:
        asked = signature.bind(self, *args, **query).arguments
        columns = [f.get("col") for f in asked.get("filter") or ()]
        columns += asked.get("series_columns") or ()
        if foreign(columns, self.column_names):
            raise QueryObjectValidationError(REFUSED)
        return build(self, *args, **query)

    SqlaTable.get_sqla_query = get_sqla_query
