"""How fast this machine is right now: the seconds of a fixed piece of work.

A machine that is shared changes its speed by a third within an hour. What is measured for minutes
is divided by the pace before and after it, so that sizes measured one after another can be
compared. The work is of the kinds that ours is: joins and sums on all cores, text to columns,
Python's objects.
"""

from __future__ import annotations

import io
import json
import time

ROWS, LINES = 36_000_000, 450_000


def pace() -> float:
    """Seconds of the fixed work: it means something beside another of this machine only."""
    import duckdb
    import polars as pl

    began = time.perf_counter()
    with duckdb.connect() as con:
        con.execute(
            "select sum(n) from (select i % 100003 as k, count(*) as n, max(hash(i)) as m"
            f" from range({ROWS}) t(i) group by 1) join range(100003) u(k) using (k)"
        ).fetchall()
    frame = pl.select(n=pl.int_range(LINES * 4)).with_columns(
        text=pl.format("第{}号 {}", "n", pl.col("n").hash()), day=pl.col("n") % 365
    )
    file = io.BytesIO()
    frame.write_csv(file)
    file.seek(0)
    read = pl.read_csv(file)
    read.sort("text").group_by("day").agg(pl.col("text").max())
    row = {"text": "第1号", "at": "2026-10-01 08:30"}
    lines = [json.dumps({"n": i, **row}) for i in range(LINES)]
    sum(json.loads(line)["n"] for line in lines)
    return time.perf_counter() - began
