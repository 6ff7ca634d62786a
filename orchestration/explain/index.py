"""The evidence of a stability index: the bars that lead from its peers' median to its score.

Each bar is an item over twelve months; its own value is explained by its indicator. What a town
inherited from its district or station is drawn as one bar at the end.
"""

from __future__ import annotations

import math
from typing import Any

import duckdb

from orchestration.explain.lookup import records
from orchestration.explain.rows import CountedRow

_KEY = "unit_level = ? and unit_code = ? and period_start = ? and index_version = ?"


def evidence(con: duckdb.DuckDBPyConnection, judged: dict[str, Any], limit: int) -> dict[str, Any]:
    """The fields of an Explanation: items by the size of what they add or cost."""
    cell = [judged["unit_level"], judged["unit_code"], judged["period_start"]]
    (scored,) = records(
        con,
        "select * from judged.fct_index where is_official and unit_level = ? and unit_code = ?"
        " and period_start = ?",
        cell,
    )
    key = [*cell, scored["index_version"]]
    found = records(
        con,
        f"select * from judged.fct_index_item where {_KEY} and weight > 0"
        " order by is_inherited, contribution_peer, item_code",
        key,
    )
    total = sum(row["contribution_peer"] or 0.0 for row in found)
    scores = (scored["score"], scored["peer_score"])
    closes = None in scores or math.isclose(total, scores[0] - scores[1], abs_tol=1e-9)
    where = _KEY
    for value in key:
        where = where.replace("?", f"'{value}'", 1)
    return {
        "predicate": f"-- 同类中位数{_points(scored['peer_score'])}分,各条相加得本单位"
        f"{_points(scored['score'])}分(LMDI分解,版本{scored['index_version']})\n"
        f"select * from judged.fct_index_item where {where}",
        "rows_n": len(found),
        "agrees": closes and judged["value"] == scored["score_final"],
        "rows": [_bar(row, judged["period_end"]) for row in found[:limit]],
    }


def _bar(row: dict[str, Any], day: Any) -> CountedRow:
    facts = {
        "contribution_peer": row["contribution_peer"],
        "score": row["score"],
        "value": row["value"],
        "value_month": row["value_month"],
        "value_shrunk": row["value_shrunk"],
        "unit": row["unit"],
        "numerator": row["numerator"],
        "denominator": row["denominator"],
        "weight": row["weight"],
        "source": row["source_code"] if row["is_inherited"] else None,
    }
    return CountedRow(
        key=f"{row['dim_code']} {row['item_code']} {row['name_zh']}",
        period_date=day,
        in_numerator=False,
        in_denominator=True,
        is_open=False,
        facts={name: value for name, value in facts.items() if value is not None},
        delivery_id=None,
        file_name=None,
        line=None,
    )


def _points(score: float | None) -> str:
    return "—" if score is None else f"{score:.2f}"
