"""A small lake from the simulated city: P40, P32 and F20 rows written as Delta, with receipts."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import polars as pl
from deltalake import write_deltalake

from ingestion.contract import load_all
from ingestion.lake import append_log
from ingestion.lake.tables import LOGS, arrow, feed_path, feed_schema
from simulation.disputes import Disputes
from simulation.police import Police
from simulation.world import World, day_number

START, END = date(2026, 8, 24), date(2026, 10, 30)


def world() -> World:
    return World(7, START, END, 0.2)


def write(code: str, rows: pl.DataFrame) -> None:
    """Give rows the lake's columns (absent ones null) and write the feed's table."""
    contract = load_all()[code]
    schema = feed_schema(contract)
    meta = {
        "_delivery_id": pl.lit("d1"),
        "_source_row": pl.int_range(1, pl.len() + 1),
        "_month": pl.lit("2026-10"),
    }
    moments = [n for n, t in rows.schema.items() if isinstance(t, pl.Datetime)]
    rows = rows.with_columns(
        pl.col(moments).dt.replace_time_zone("Asia/Shanghai").dt.convert_time_zone("UTC")
    )
    full = rows.with_columns(**meta).select(
        *[
            pl.col(c).cast(t, strict=False)
            if c in rows.columns or c in meta
            else pl.lit(None, dtype=t).alias(c)
            for c, t in schema.items()
        ]
    )
    write_deltalake(
        str(feed_path(contract)), arrow(full), partition_by=["_month"], mode="overwrite"
    )


def _receipts(code: str, rows: int, days: list[date]) -> None:
    """One daily receipt a day; all rows came with the first."""
    n = len(days)
    counts = [rows] + [0] * (n - 1)
    table = pl.DataFrame(
        {
            "delivery_id": [f"{code}-{d}" if i else "d1" for i, d in enumerate(days)],
            "feed_code": [code] * n,
            "period_start": days,
            "period_end": days,
            "due_time": [datetime(d.year, d.month, d.day, 23, 30, tzinfo=UTC) for d in days],
            "landed_time": [datetime(d.year, d.month, d.day, 23, tzinfo=UTC) for d in days],
            "rows_n": counts,
            "inserted_n": counts,
            "status": ["1"] * n,
        }
    ).with_columns(
        **{
            c: pl.lit(0, pl.Int64)
            for c in ("updated_n", "deleted_n", "unchanged_n", "superseded_n", "quarantined_n")
        }
    )
    schema = LOGS["o01_delivery_log"]
    append_log(
        "o01_delivery_log",
        table.with_columns(
            **{c: pl.lit(None, t) for c, t in schema.items() if c not in table.columns}
        ),
    )


def police_rows() -> pl.DataFrame:
    """The complete grid, with dates as dates."""
    return (
        Police(world())
        .rows(day_number(START), day_number(END))
        .with_columns(
            pl.col("stat_date").str.to_date(), pl.col("source_update_time").str.to_datetime()
        )
    )


def days() -> list[date]:
    return [START + timedelta(days=i) for i in range((END - START).days + 1)]


def build(drop_police: pl.Expr | None = None, orphan_events: int = 0) -> None:
    """Write the lake under FENGQIAO_HOME; optionally with a hole or with orphans."""
    city = world()
    calls = police_rows()
    if drop_police is not None:
        calls = calls.filter(~drop_police)
    write("P40", calls)
    _receipts("P40", calls.height, days())
    disputes = Disputes(city)
    registered = disputes.registrations.sort("updated").unique("dispute_code", keep="last")
    write("P32", registered)
    _receipts("P32", registered.height, days())
    events = disputes.events
    if orphan_events:
        events = events.with_columns(
            dispute_code=pl.when(pl.int_range(pl.len()) < orphan_events)
            .then(pl.lit("nowhere"))
            .otherwise("dispute_code")
        )
    write("F20", events)
    _receipts("F20", events.height, days())
