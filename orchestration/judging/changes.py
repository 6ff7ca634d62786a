"""Change against a month and a year before, among final values only.

A running or provisional value beside a final one says nothing, so it has no change.
"""

from __future__ import annotations

import polars as pl

KEY = ["indicator_code", "unit_level", "unit_code", "window_kind"]


def add_changes(rows: pl.DataFrame, among: pl.DataFrame | None = None) -> pl.DataFrame:
    """Add `change_month` and `change_year` (in the indicator's unit), against the values of
    `among`, or of `rows` themselves."""
    final = (rows if among is None else among).filter(
        ~pl.col("is_provisional") & ~pl.col("is_running")
    )
    earlier = final.select(*KEY, "period_start", pl.col("value").alias("earlier"))
    for name, months in (("change_month", 1), ("change_year", 12)):
        before = pl.col("period_start").dt.offset_by(f"-{months}mo")
        # A stock is read at month ends: "a month before" is the end of that month.
        then = (
            pl.when(pl.col("window_kind") == "stock").then(before.dt.month_end()).otherwise(before)
        )
        rows = (
            rows.with_columns(then=then)
            .join(
                earlier, left_on=[*KEY, "then"], right_on=[*KEY, "period_start"], how="left",
                maintain_order="left",
            )
            .with_columns(
                pl.when(~pl.col("is_provisional") & ~pl.col("is_running"))
                .then(pl.col("value") - pl.col("earlier"))
                .alias(name)
            )
            .drop("then", "earlier")
        )  # fmt: skip
    return rows
