"""What stands around the counts: registry, units, freshness and quality of the sources."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

import duckdb
import polars as pl

from ingestion.clock import LOCAL
from orchestration.judging.again import Asked, ask
from orchestration.judging.index import IndexInputs

REFERENCE = {"R01", "R02", "R03", "R05", "R06"}  # hold until a next one comes
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
    index: IndexInputs | None = None
    asked: Asked = field(default_factory=lambda: Asked(None))


def read_context(con: duckdb.DuckDBPyConnection, as_of: datetime, whole: bool = False) -> Context:
    """Read the marts. `covered` is the moment up to which a feed's data reach; `flags` the worst
    result of its last run of each test (error, warn or ok); `counts` those that are needed for what
    must be judged (`asked`), with `whole` all."""
    deliveries = con.execute(
        "select feed_code, max(period_end) from marts.fct_delivery"
        " where landed_time is not null and not is_beside group by 1"
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
    asked = ask(con, int(contracted), whole)
    return Context(
        registry=con.execute("select * from marts.dim_indicator").pl(),
        units=con.execute("select * from marts.dim_unit").pl(),
        counts=asked.counts(con),
        durations=con.execute("select * from marts.agg_duration_days").pl(),
        aggregate_rules=con.execute(
            "select * from seeds.seed_warning_rule where shape = 'posterior'"
        ).pl(),
        covered=covered,
        flags=flags,
        contracted_n=int(contracted),
        index=read_index(con),
        asked=asked,
    )


def read_index(con: duckdb.DuckDBPyConnection) -> IndexInputs:
    """What the stability index reads, of the items of its two cards alone."""
    columns = (
        "item_code, unit_level, unit_code, window_kind, period_start, period_end, numerator,"
        " denominator, stat_value, population_n, is_complete, is_provisional, is_running"
    )
    ours = "(select item_code from seeds.seed_index_item)"
    return IndexInputs(
        versions=con.execute("select * from marts.index_version").pl(),
        items=con.execute("select * from seeds.seed_index_item").pl(),
        counts=con.execute(
            f"select {columns} from (select indicator_code as item_code, * from"
            f" marts.agg_indicator_counts where indicator_code in {ours})"
            f" union all select {columns} from marts.agg_index_counts"
        ).pl(),
        durations=con.execute(
            f"select * from marts.agg_duration_days where indicator_code in {ours}"
        ).pl(),
        units=con.execute("select * from marts.dim_unit").pl(),
        stations=con.execute("select unit_town, station_code from marts.int_station_town").pl(),
        # A town is scored by its own card, never by the departments'.
        departments=[
            row[0]
            for row in con.execute(
                "select distinct dept_org_code from marts.dim_organisation"
                " where on_dept_card and org_kind <> '02' order by 1"
            ).fetchall()
        ],
        vetoes=con.execute("select * from marts.index_veto").pl(),
        k5=frozenset(
            row[0]
            for row in con.execute(
                "select indicator_code from marts.dim_indicator where disclosure = 'k5'"
            ).fetchall()
        ),
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
