"""The evidence of a value that came out of an L4 zone: it ends at published counts and deliveries.

No row of a patient or a young person is read here; the zone's build file is not opened.
"""

from __future__ import annotations

from typing import Any

import duckdb

from orchestration.explain.lookup import records
from orchestration.explain.rows import CountedRow

LEAST_ROWS = 10  # a delivery of fewer rows is shown without their number


def evidence(
    con: duckdb.DuckDBPyConnection, judged: dict[str, Any], sources: list[str], limit: int
) -> dict[str, Any]:
    """The fields of an Explanation: the cell that crossed, and the deliveries behind it."""
    where = (
        "indicator_code = ? and unit_level = ? and unit_code = ? and window_kind = ?"
        " and period_start = ?"
    )
    names = ("indicator_code", "unit_level", "unit_code", "window_kind", "period_start")
    # In the indicator's own terms (H01 is per 1,000), over nothing but the cell that crossed.
    model = f"ind_{str(judged['indicator_code']).lower()}"
    crossed = records(
        con, f"select * from marts.{model} where {where}", [judged[name] for name in names]
    )
    agrees = len(crossed) == 1 and all(
        judged["suppressed"] or judged[name] == crossed[0][name]
        for name in ("numerator", "denominator")
    )
    printed = where
    for name in names:
        value = judged[name]
        quoted = f"date '{value}'" if name == "period_start" else f"'{value}'"
        printed = printed.replace("?", quoted, 1)
    deliveries = _deliveries(con, judged, sources, limit)
    return {
        "predicate": "-- 在专区内计数,只有经 declassify 的汇总数离开专区,逐行数据不出域。\n"
        f"select * from declassified.zone_counts where {printed}",
        "rows_n": len(deliveries),
        "agrees": agrees,
        "rows": deliveries,
    }


def _deliveries(
    con: duckdb.DuckDBPyConnection, judged: dict[str, Any], sources: list[str], limit: int
) -> list[CountedRow]:
    """The newest deliveries of the sources whose period had begun by the end of the value's."""
    found = records(
        con,
        "select feed_code, period_start, period_end, landed_time, file_name, delivery_id, rows_n"
        " from marts.fct_delivery where landed_time is not null and period_start <= ?"
        f" and feed_code in ({', '.join('?' for _ in sources)})"
        f" order by period_end desc, landed_time desc limit {int(limit)}",
        [judged["period_end"], *sources],
    )
    return [
        CountedRow(
            key=f"{row['feed_code']} {row['period_start']}",
            period_date=row["period_end"],
            in_numerator=False,
            in_denominator=True,
            is_open=False,
            facts={
                "landed_time": row["landed_time"],
                "rows_n": row["rows_n"] if (row["rows_n"] or 0) >= LEAST_ROWS else "不公开",
            },
            delivery_id=row["delivery_id"],
            file_name=row["file_name"],
            line=None,
        )
        for row in found
    ]
