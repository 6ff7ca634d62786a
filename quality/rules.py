"""The table-level rules of a feed, derived from its contract.

Row rules live in conformance and are not repeated here (architecture, decision 11). A rule is
two SQL expressions over the schema `lake`: how many rows fail, how many were looked at.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from ingestion.contract.calendar import due_periods
from ingestion.contract.model import Contract, Field

# Same weekday, mean plus or minus four standard deviations (domain: O01.expected_rows_n).
WEEKDAY_SDS = 4
WEEKDAY_HISTORY = 26
WEEKDAY_LEAST = 4
FRESHNESS_DAYS = 7
MATCH_SHARE = 0.99
DRIFT_SHARE = 0.02  # share of nulls may move by this plus four standard errors
UTC8_US = 8 * 3600 * 1_000_000


@dataclass(frozen=True)
class Rule:
    """One test. `failed` and `checked` are scalar SQL; `share` is the least share that holds."""

    name: str
    severity: str  # E error, W warning (TEST_SEVERITY)
    title_zh: str
    failed: str
    checked: str
    share: float | None = None
    exempt: str | None = None  # why a failure is borne for now, by whom and until when


def quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def table_of(contract: Contract) -> str:
    return f"lake.{quoted(contract.table)}"


def field_of(contract: Contract, name: str) -> Field:
    return next(f for f in contract.fields if f.name == name)


def local_day(field: Field) -> str:
    """The local day (UTC+8) of a column; the lake keeps moments in UTC."""
    if field.logical == "timestamp":
        return f"make_timestamp(epoch_us({quoted(field.name)}) + {UTC8_US})::date"
    return f"{quoted(field.name)}::date"


def key_unique(contract: Contract, as_of: datetime) -> list[Rule]:
    """No two rows with the same whole key; rows without a key are not compared."""
    if not contract.key:
        return []
    columns = ", ".join(quoted(k) for k in contract.key)
    whole = " and ".join(f"{quoted(k)} is not null" for k in contract.key)
    rows = f"(select count(*) from {table_of(contract)} where {whole})"
    keys = f"select distinct {columns} from {table_of(contract)} where {whole}"
    distinct = f"(select count(*) from ({keys}))"
    return [Rule("key_unique", "E", "主键唯一", f"{rows} - {distinct}", rows)]


def conservation(contract: Contract, as_of: datetime) -> list[Rule]:
    """Rows in the lake = inserted - deleted - vanished over all receipts - erased by retention;
    each receipt adds up."""
    mine = f"from lake.o01_delivery_log where feed_code = {text(contract.code)}"
    stored = f"(select count(*) from {table_of(contract)})"
    erased = (
        "(select coalesce(sum(rows_n), 0) from lake.retention_run "
        f"where table_name = {text(contract.table)})"
    )
    logged = (
        f"((select coalesce(sum(inserted_n - deleted_n - coalesce(vanished_n, 0)), 0) {mine})"
        f" - {erased})"
    )
    parts = "inserted_n + updated_n + deleted_n + unchanged_n + superseded_n + quarantined_n"
    refused = f"(select coalesce(sum(quarantined_n), 0) {mine} and status <> '4')"
    kept = (
        "(select count(*) from (select distinct q.delivery_id, q.source_row "
        "from lake.quarantine q join lake.o01_delivery_log o using (delivery_id) "
        f"where q.feed_code = {text(contract.code)} and q.severity = 'error' "
        "and o.status <> '4'))"
    )
    return [
        Rule("rows_conserved", "E", "湖内行数等于回执之和", f"abs({stored} - {logged})", stored),
        Rule(
            "receipts_add_up",
            "E",
            "每份回执的行数守恒",
            f"(select count(*) {mine} and rows_n <> {parts})",
            f"(select count(*) {mine})",
        ),
        Rule("quarantine_complete", "E", "隔离行数与回执一致", f"abs({kept} - {refused})", refused),
    ]


def freshness(contract: Contract, as_of: datetime) -> list[Rule]:
    """Every delivery due in the last seven days has landed."""
    periods = due_periods(contract, as_of)
    if not periods:
        return []
    since = as_of - timedelta(days=FRESHNESS_DAYS)
    recent = [p for p in periods if p.due > since] or periods[-1:]
    listed = ", ".join(f"(date '{p.period_end}')" for p in recent)
    missing = (
        f"(select count(*) from (values {listed}) d(day) where not exists ("
        f"select 1 from lake.o01_delivery_log o where o.feed_code = {text(contract.code)} "
        "and o.period_end = d.day and o.status <> '4' and o.due_time is not null))"
    )
    return [Rule("fresh", "E", f"近{FRESHNESS_DAYS}天应到批次已到", missing, str(len(recent)))]


def weekday_volume(contract: Contract, as_of: datetime) -> list[Rule]:
    """The newest day has about as many rows as the same weekday before."""
    if not contract.partition_field or not any(d.period == "day" for d in contract.calendar):
        return []
    day = local_day(field_of(contract, contract.partition_field))
    counts = (
        f"select {day} as d, count(*) as n from {table_of(contract)} where {day} < "
        f"date '{as_of.date()}' group by 1"
    )
    # isodow: the same weekday numbers in every engine (traps.md)
    stats = (
        f"(with c as ({counts}), newest as (select d, n from c order by d desc limit 1), "
        "past as (select c.n from c, newest where c.d < newest.d "
        "and isodow(c.d) = isodow(newest.d) order by c.d desc "
        f"limit {WEEKDAY_HISTORY}) "
        f"select case when (select count(*) from past) < {WEEKDAY_LEAST} then 0 "
        "when abs(newest.n - (select avg(n) from past)) > "
        f"{WEEKDAY_SDS} * (select stddev_samp(n) from past) "
        "then round(abs(newest.n - (select avg(n) from past)))::bigint else 0 end "
        "from newest)"
    )
    checked = f"(with c as ({counts}) select n from c order by d desc limit 1)"
    return [
        Rule(
            "weekday_volume",
            "W",
            "行数与同星期均值相差不超过4个标准差",
            f"coalesce({stats}, 0)",
            f"coalesce({checked}, 0)",
        )
    ]


def foreign_keys(contract: Contract, as_of: datetime) -> list[Rule]:
    """At least 99 % of the codes that point elsewhere are found there."""
    rules = []
    for field in contract.landed:
        if not field.references:
            continue
        table, column = field.references.split(".")
        schema = "seeds" if table.startswith("seed_") else "lake"
        name = quoted(field.name)
        known = (
            f"select {quoted(column)} from {schema}.{quoted(table)} where {quoted(column)} "
            "is not null"
        )
        checked = f"(select count({name}) from {table_of(contract)})"
        failed = (
            f"(select count(*) from {table_of(contract)} where {name} is not null "
            f"and {name} not in ({known}))"
        )
        rules.append(
            Rule(
                f"known_{field.name}",
                "W",
                f"{field.label}能在{table}中找到",
                failed,
                checked,
                MATCH_SHARE,
            )
        )
    return rules


def null_drift(contract: Contract, as_of: datetime) -> list[Rule]:
    """The share of empty cells of the last seven days is that of the four weeks before.

    Moments and columns `filled_later` are left out: a state that is reached later is empty at
    first by nature.
    """
    optional = [
        f
        for f in contract.landed
        if not f.required
        and f.key_position is None
        and f.logical not in ("timestamp", "date")
        and not f.filled_later
    ]
    if not contract.partition_field or not contract.calendar or not optional:
        return []
    day = local_day(field_of(contract, contract.partition_field))
    last, first = as_of.date() - timedelta(days=8), as_of.date() - timedelta(days=36)
    columns = []
    for field in optional:
        name = quoted(field.landed_name or field.name)
        columns.append(
            f"count(*) filter (where {day} > date '{last}' and {name} is null) as n_{field.name}, "
            f"count(*) filter (where {day} <= date '{last}' and {name} is null) as o_{field.name}"
        )
    moved = " + ".join(
        f"case when new_n > 0 and old_n > 0 and abs(n_{f.name} / new_n - o_{f.name} / old_n) > "
        f"{DRIFT_SHARE} + 4 * sqrt((o_{f.name} / old_n) * (1 - o_{f.name} / old_n) / new_n) "
        f"then abs(n_{f.name} - o_{f.name} * new_n / old_n) else 0 end"
        for f in optional
    )
    counted = (
        f"(select count(*) filter (where {day} > date '{last}')::double as new_n, "
        f"count(*) filter (where {day} <= date '{last}')::double as old_n, "
        f"{', '.join(columns)} from {table_of(contract)} "
        f"where {day} > date '{first}' and {day} < date '{as_of.date()}')"
    )
    return [
        Rule(
            "null_share",
            "W",
            "空值比例与前四周相当",
            f"(select round({moved})::bigint from {counted})",
            f"(select new_n::bigint from {counted})",
        )
    ]


FAMILIES: tuple[Callable[[Contract, datetime], list[Rule]], ...] = (
    key_unique,
    conservation,
    freshness,
    weekday_volume,
    foreign_keys,
    null_drift,
)


def derived_rules(contract: Contract, as_of: datetime) -> list[Rule]:
    """The rules that follow from what a contract says of its columns, key and calendar."""
    return [rule for family in FAMILIES for rule in family(contract, as_of)]
