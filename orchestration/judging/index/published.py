"""The index among the ninety: S01 and S02 as rows of fct_indicator.

Only scores of versions that hold and were not stopped by the gate. The value is the final score, so
a red line shows in it; a unit without enough data has a row that says so and no value.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

import polars as pl

CODES = {"TOWN": "S01", "DEPT": "S02"}
WINDOW = "month"  # the month of the score; what it looks back on is in its definition


def indicator_rows(
    index: pl.DataFrame,
    registry: pl.DataFrame,
    quality: dict[str, str],
    fresh_until: dict[str, datetime | None],
) -> pl.DataFrame:
    """Rows in the columns of fct_indicator but as_of and release_id.

    `index` is fct_index; `quality` and `fresh_until` by indicator code.
    """
    parts = []
    for card, code in CODES.items():
        entries = registry.filter(pl.col("indicator_code") == code).to_dicts()
        if entries:
            rows = index.filter((pl.col("card") == card) & pl.col("is_official"))
            parts.append(_rows(rows, entries[0], quality[code], fresh_until[code]))
    return pl.concat(parts) if parts else pl.DataFrame()


def _rows(
    rows: pl.DataFrame, entry: dict[str, Any], quality: str, fresh_until: datetime | None
) -> pl.DataFrame:
    year_before = rows.select(
        "unit_code", "index_version", pl.col("period_start").dt.offset_by("12mo"),
        pl.col("score_final").alias("year_before"),
    )  # fmt: skip
    rows = rows.join(
        year_before, on=["unit_code", "index_version", "period_start"], how="left",
        maintain_order="left",
    )  # fmt: skip
    newest = pl.col("period_end") == pl.col("period_end").max()
    nothing = pl.lit(None, dtype=pl.Float64)
    return rows.select(
        indicator_code=pl.lit(entry["indicator_code"]),
        unit_level="unit_level",
        unit_code="unit_code",
        window_kind=pl.lit(WINDOW),
        period_start="period_start",
        period_end="period_end",
        period_label=pl.col("period_start").dt.strftime("%Y-%m"),
        numerator=nothing,
        denominator=nothing,
        value="score_final",
        value_shrunk="score",
        interval_low="interval_low",
        interval_high="interval_high",
        rolling_numerator=nothing,
        rolling_denominator=nothing,
        p_yellow="p_yellow",
        p_red="p_red",
        light="light",
        light_reason_zh="light_reason_zh",
        change_month="change_month",
        change_year=pl.col("score_final") - pl.col("year_before"),
        target=pl.lit(entry["target"], dtype=pl.Float64),
        threshold_yellow=pl.lit(entry["yellow"], dtype=pl.Float64),
        threshold_red=pl.lit(entry["red"], dtype=pl.Float64),
        is_provisional=pl.lit(False),
        is_complete=pl.col("score").is_not_null(),
        is_running=pl.lit(False),
        open_n=pl.lit(0, dtype=pl.Int64),
        suppressed=pl.lit(False),
        quality_flag=pl.when(newest).then(pl.lit(quality)).otherwise(pl.lit("ok")),
        fresh_until=pl.lit(fresh_until, dtype=pl.Datetime("us")),
        formula_version=pl.lit(entry["formula_version"]),
    )
