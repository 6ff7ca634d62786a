"""Counting once more, in polars: a feed's rows, their units and days, and who agrees."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path

import duckdb
import polars as pl

from ingestion.contract import load
from ingestion.lake.tables import feed_path
from tests.whole.small_city import AS_OF

RUN_TIME = datetime.fromisoformat(AS_OF)
TODAY = RUN_TIME.date()
CITY = pl.lit("330600")
DIVISIONS = Path("dbt_project/seeds/seed_division.csv")


def rows(feed: str) -> pl.DataFrame:
    """A feed's stored rows, moments in local time, markers of deleted ones left out."""
    frame = pl.read_delta(str(feed_path(load(feed))))
    frame = frame.filter(~pl.col("_deleted").fill_null(False))
    moments = [c for c, t in frame.schema.items() if isinstance(t, pl.Datetime)]
    local = pl.col(moments).dt.convert_time_zone("Asia/Shanghai").dt.replace_time_zone(None)
    return frame.with_columns(local)


def towns() -> pl.DataFrame:
    """R01's towns: town_code, arrive_std_min, station_code; none of them is merged into another."""
    known = pl.read_csv(DIVISIONS, infer_schema=False).filter(pl.col("unit_level") == "3")
    assert known["merge_into_code"].null_count() == known.height
    return known.select("town_code", pl.col("arrive_std_min").cast(pl.Float64), "station_code")


def town_or_none(column: str = "town_code") -> pl.Expr:
    """The town, where R01 has it; else the bucket `unassigned`."""
    known = pl.col(column).is_in(towns()["town_code"].implode())
    return pl.when(known.fill_null(False)).then(column).otherwise(pl.lit("unassigned"))


def district_of_town(column: str = "town_code") -> pl.Expr:
    known = towns()["town_code"].str.head(6).unique().implode()
    left = pl.col(column).str.head(6)
    return pl.when(left.is_in(known).fill_null(False)).then(left).otherwise(pl.lit("unassigned"))


def towns_of(level: str) -> pl.Expr:
    """The unit of a row with a town, at town, district or city."""
    return {"town": town_or_none(), "district": district_of_town(), "city": CITY}[level]


def day_of(column: str) -> pl.Expr:
    return pl.col(column).cast(pl.Date)


def month_of(column: str) -> pl.Expr:
    return pl.col(column).cast(pl.Date).dt.truncate("1mo")


def start_of(column: str, window: str) -> pl.Expr:
    """First day of the day, month or quarter."""
    every = {"day": "1d", "month": "1mo", "quarter": "1q"}[window]
    return pl.col(column).cast(pl.Date).dt.truncate(every)


def department_of(frame: pl.DataFrame, column: str) -> pl.DataFrame:
    """With `department`, what R02 rolls an organisation up to; an unknown one is its own."""
    known = rows("R02").select(pl.col("org_code").alias(column), department="dept_org_code")
    return frame.join(known, on=column, how="left", maintain_order="left").with_columns(
        department=pl.coalesce("department", column)
    )


def judged(home: Path, code: str, level: str, columns: str, window: str = "month") -> pl.DataFrame:
    """What was published of an indicator at a level: unit_code, period_start and `columns`."""
    query = (
        f"select unit_code, period_start, {columns} from judged.fct_indicator"
        " where indicator_code = ? and unit_level = ? and window_kind = ?"
    )
    with duckdb.connect(str(home / "build" / "fengqiao.duckdb"), read_only=True) as con:
        return con.execute(query, [code, level, window]).pl()


def agree(mine: pl.DataFrame, published: pl.DataFrame, *names: str) -> None:
    """The same units and periods that have begun, and the same numbers."""
    begun = pl.col("period_start") <= TODAY
    mine, published = mine.filter(begun), published.filter(begun)
    assert mine.height > 0
    both = mine.join(published, on=["unit_code", "period_start"], how="full", suffix="_p")
    apart = [(pl.col(n).cast(pl.Float64) - pl.col(f"{n}_p")).abs() > 1e-6 for n in names]
    absent = [pl.col(n).is_null() != pl.col(f"{n}_p").is_null() for n in names]
    assert both.filter(pl.any_horizontal(*apart, *absent)).rows() == []


def agree_on_shares(
    home: Path,
    code: str,
    items: pl.DataFrame,
    units: Mapping[str, pl.Expr],
    windows: tuple[str, ...] = ("month",),
    mixed: bool = True,
) -> None:
    """Count `items` (day, good) at every level in every window, and compare.

    Not `mixed`: there are so few that all of them may be good, or none.
    """
    assert not mixed or 0 < items["good"].sum() < items.height, "nothing to tell apart"
    for level, unit in units.items():
        for window in windows:
            start = start_of("day", window)
            mine = items.group_by(unit.alias("unit_code"), start.alias("period_start")).agg(
                pl.col("good").sum().alias("numerator"), pl.len().alias("denominator")
            )
            published = judged(home, code, level, "numerator, denominator", window)
            agree(mine, published, "numerator", "denominator")


def agree_on_amounts(
    home: Path, code: str, items: pl.DataFrame, units: Mapping[str, pl.Expr]
) -> None:
    """Sum `items` (day, part, whole) at every level by month, and compare sums and quotient."""
    for level, unit in units.items():
        mine = items.group_by(unit.alias("unit_code"), month_of("day").alias("period_start")).agg(
            pl.col("part").sum().alias("numerator"),
            pl.col("whole").sum().alias("denominator"),
            (100 * pl.col("part").sum() / pl.col("whole").sum()).alias("value"),
        )
        published = judged(home, code, level, "numerator, denominator, value")
        agree(mine, published, "numerator", "denominator", "value")


def month_ends(first: date, last: date) -> list[date]:
    """The last days of the months that are over by `last`."""
    ends = pl.date_range(first.replace(day=1), last, "1mo", eager=True).dt.month_end()
    return [d for d in ends.to_list() if d < last]
