"""What stands around the counts: registry, units, freshness and quality of the sources."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import duckdb
import polars as pl

from ingestion.clock import LOCAL

REFERENCE = {"R01", "R02", "R05", "R06"}  # seeds: always there
LOGS = {"O01", "O02"}  # written by the platform up to as_of


def naive_local(moment: datetime) -> datetime:
    """Local time without offset, as the marts hold it."""
    return (moment.astimezone(LOCAL) if moment.tzinfo else moment).replace(tzinfo=None)


@dataclass(frozen=True)
class Context:
    """Frames read once per judging."""

    registry: pl.DataFrame
    units: pl.DataFrame
    counts: pl.DataFrame
    durations: pl.DataFrame
    aggregate_rules: pl.DataFrame
    covered: dict[str, datetime]
    flags: dict[str, str]
    contracted_n: int


def read_context(con: duckdb.DuckDBPyConnection, as_of: datetime) -> Context:
    """Read the marts. `covered` is the moment up to which a feed's data reach; `flags` the worst
    result of its last run of each test (error, warn or ok)."""
    deliveries = con.execute(
        "select feed_code, max(period_end) from marts.fct_delivery"
        " where landed_time is not null group by 1"
    ).fetchall()
    covered = {
        feed: datetime.combine(last, datetime.min.time()) + timedelta(days=1)
        for feed, last in deliveries
        if last is not None
    }
    covered |= dict.fromkeys(LOGS, naive_local(as_of))
    tests = con.execute(
        "select feed_code, max(case when coalesce(passed, false) then 0"
        " when severity = 'E' then 2 else 1 end) from ("
        "  select *, row_number() over (partition by feed_code, test_name"
        "    order by run_time desc, run_id) as recency from marts.fct_quality_test"
        ") where recency = 1 group by 1"
    ).fetchall()
    flags = {feed: ("ok", "warn", "error")[worst] for feed, worst in tests}
    contracted = con.execute(
        "select count(*) from staging.stg_contract where is_category"
    ).fetchall()[0][0]
    return Context(
        registry=con.execute("select * from marts.dim_indicator").pl(),
        units=con.execute("select * from marts.dim_unit").pl(),
        counts=con.execute("select * from marts.agg_indicator_counts").pl(),
        durations=con.execute("select * from marts.agg_duration_days").pl(),
        aggregate_rules=con.execute(
            "select * from seeds.seed_warning_rule where shape = 'posterior'"
        ).pl(),
        covered=covered,
        flags=flags,
        contracted_n=int(contracted),
    )


def peers_of(context: Context, level: str) -> dict[str, str]:
    """Peer group of each unit: towns by type (stability_index.md §2), other levels all together."""
    if level != "town":
        return {}
    towns = context.units.filter(pl.col("unit_level") == "town")
    return dict(zip(towns["unit_code"], towns["town_type"].fill_null(""), strict=True))


def fresh_until(context: Context, sources: list[str]) -> datetime | None:
    """The moment up to which every source reaches; None if one has never come."""
    needed = [code for code in sources if code not in REFERENCE]
    if any(code not in context.covered for code in needed):
        return None
    return min((context.covered[code] for code in needed), default=None)


def quality_of(context: Context, sources: list[str]) -> str:
    """The worst flag of the sources."""
    order = ["ok", "warn", "error"]
    return max((context.flags.get(code, "ok") for code in sources), key=order.index, default="ok")
