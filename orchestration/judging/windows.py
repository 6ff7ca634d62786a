"""The windows a value is published in: how long a period is, and what it is called."""

from __future__ import annotations

import polars as pl

# Calendar windows and their length. Every other window has a period of one day.
MONTHS = {"month": 1, "ytd": 1, "quarter": 3, "half_year": 6, "year": 12}
# Read whole, as it stands on a day: no sum over earlier periods stands beside it.
STANDING = ("stock", "to_date", "rolling_year")


def label(window: str) -> pl.Expr:
    """Name of a period by its period_start: 2026-09, 2026-Q3, 2026-H1, 2026, 2026-01至09 (the year
    to date of its last month), 截至2026-10-17 or a day."""
    start = pl.col("period_start").dt
    match window:
        case "month":
            return start.strftime("%Y-%m")
        case "quarter":
            return pl.format("{}-Q{}", start.year(), start.quarter())
        case "half_year":
            return pl.format("{}-H{}", start.year(), (start.month() + 5) // 6)
        case "ytd":
            return start.strftime("%Y-01至%m")
        case "year":
            return start.strftime("%Y")
        case "rolling_year":
            return start.offset_by("11mo").dt.strftime("近12个月至%Y-%m")
        case "to_date":
            return start.strftime("截至%Y-%m-%d")
    return start.strftime("%Y-%m-%d")
