"""The evidence of one judged value, read from the build file."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any

import duckdb

from ingestion import places
from ingestion.lake import duck
from orchestration.explain import index, zoned
from orchestration.explain.lookup import Address, find_address, find_indicator, records
from orchestration.explain.rows import CountedRow

MODELS = Path(__file__).resolve().parents[2] / "dbt_project" / "models"
# Columns of a rows model that are machinery, not evidence.
_MACHINERY = {
    "row_key", "period_date", "is_numerator", "is_denominator", "is_open", "value", "is_contact",
    "spread_no", "window_kind", "is_called", "is_extended", "is_member",
    "is_answer", "is_month", "least_n",
}  # fmt: skip
# Shown in columns of their own, or keys that would undo the masking.
_BESIDE = {
    "receipt_file", "file_name", "resolving_event_id", "resolving_delivery_id",
    "resolving_source_row",
}  # fmt: skip
# Feeds whose keys name a case: shown with their middle masked.
CASE_FEEDS = {
    "P14", "P26", "P30", "P31", "P32", "P35", "P44", "P45", "F01", "F02", "F03", "F04",
    "F05", "F07", "F08", "F09", "F10", "F16", "F17", "F20", "F21", "F22",
}  # fmt: skip


@dataclass(frozen=True)
class FeedState:
    """A source of the indicator: is it fresh, and do its checks pass."""

    feed_code: str
    name_zh: str
    covers_until: date | None
    last_landed: datetime | None
    last_status: str | None
    tests_n: int
    tests_passed_n: int
    failing: list[str]


@dataclass(frozen=True)
class Explanation:
    """Everything behind one value. Numbers are as judged; `agrees` says the rows give them."""

    address: Address
    unit_name: str
    indicator: dict[str, Any]
    judged: dict[str, Any]
    feeds: list[FeedState]
    predicate: str
    rows_n: int
    agrees: bool
    rows: list[CountedRow] = field(default_factory=list)


def explain(
    code: str,
    unit: str | None = None,
    period: str | None = None,
    level: str | None = None,
    rows_limit: int = 20,
) -> Explanation:
    """Explain one value. Raises `NotFound` with what exists when there is no such value."""
    with duck.connect(places.build() / "fengqiao.duckdb", read_only=True) as con:
        con.execute("set TimeZone = 'Asia/Shanghai'")
        indicator = find_indicator(con, code)
        address = find_address(con, indicator["indicator_code"], unit, period, level)
        judged = records(
            con,
            "select * from judged.fct_indicator where indicator_code = ? and unit_level = ?"
            " and unit_code = ? and window_kind = ? and period_label = ?",
            list(address.__dict__.values()),
        )[0]
        sources = str(indicator["sources"]).split(";")
        model = f"ind_{address.indicator_code.lower().replace('#', '_')}_rows"
        names = con.execute(
            "select name_zh from marts.dim_unit where unit_level = ? and unit_code = ?",
            [address.unit_level, address.unit_code],
        ).fetchall()
        known: dict[str, Any] = {
            "address": address,
            "unit_name": names[0][0] if names else address.unit_code,
            "indicator": indicator,
            "judged": judged,
            "feeds": [_feed(con, source) for source in sources],
        }
        if indicator["light_rule"] == "index":
            return Explanation(**known, **index.evidence(con, judged, rows_limit))
        if model_file(model).is_relative_to(MODELS / "l4"):
            return Explanation(**known, **zoned.evidence(con, judged, sources, rows_limit))
        where, values = _predicate(address, judged, _columns(con, model))
        hidden = bool(judged["suppressed"])
        numerator, denominator, rows_n = _totals(con, model, where, values)
        return Explanation(
            **known,
            predicate=_readable(model, where, values),
            rows_n=0 if hidden else rows_n,
            agrees=_agrees(indicator, judged, numerator, denominator),
            rows=[] if hidden else _rows(con, model, where, values, rows_limit, indicator),
        )


def model_file(model: str) -> Path:
    """Where the SQL of a model lies."""
    return next(MODELS.rglob(f"{model}.sql"))


def _predicate(
    address: Address, judged: dict[str, Any], columns: list[str]
) -> tuple[str, list[Any]]:
    """The unit and period of one cell as a WHERE clause over its rows model."""
    parts, values = [], []
    if address.unit_level != "city":
        parts.append(f"unit_{address.unit_level} = ?")
        values.append(address.unit_code)
    elif "unit_city" in columns:
        parts.append("unit_city is not null")  # the city has rows of its own
    if "spread_no" in columns and address.unit_level != "town":
        parts.append("spread_no = 1")  # the other rows are the same member in another town
    if "window_kind" in columns:
        parts.append("window_kind = ?")
        values.append(address.window_kind)
    if address.window_kind == "to_date":
        parts.append("period_date <= ?")
    else:
        parts.append("period_date between ? and ?")
        values.append(judged["period_start"])
    values.append(judged["period_end"])
    return " and ".join(parts), values


def _readable(model: str, where: str, values: list[Any]) -> str:
    """A statement that runs as printed, under the model's own words."""
    for value in values:
        quoted = f"date '{value}'" if isinstance(value, date) else f"'{value}'"
        where = where.replace("?", quoted, 1)
    comment = [
        line.removeprefix("--").strip()
        for line in model_file(model).read_text(encoding="utf-8").splitlines()
        if line.startswith("--")
    ]
    return "\n".join(
        [*(f"-- {line}" for line in comment), f"select * from marts.{model} where {where}"]
    )


def _columns(con: duckdb.DuckDBPyConnection, model: str) -> list[str]:
    return [row[0] for row in con.execute(f"describe marts.{model}").fetchall()]


def _totals(
    con: duckdb.DuckDBPyConnection, model: str, where: str, values: list[Any]
) -> tuple[float | None, float | None, int]:
    """Numerator, denominator and size of the population, counted again from the rows."""
    columns = _columns(con, model)
    if "is_denominator" not in columns:  # P01: events per head; residents are not rows
        sql, has = f"select sum(value), null, count(*) from marts.{model} where {where}", False
    else:
        of = "sum({}_amount)" if "numerator_amount" in columns else "sum(is_{})"  # money or rows
        sums = f"{of.format('numerator')}, {of.format('denominator')}"
        population = "is_member" if "is_member" in columns else "is_denominator"
        sql = f"select {sums}, sum({population}) from marts.{model} where {where}"
        has = True
    numerator, denominator, rows_n = con.execute(sql, values).fetchall()[0]
    return _float(numerator), _float(denominator) if has else None, int(rows_n or 0)


def _float(number: Any) -> float | None:
    """Sums of money come exact; the judged ones are doubles."""
    return None if number is None else float(number)


def _agrees(
    indicator: dict[str, Any],
    judged: dict[str, Any],
    numerator: float | None,
    denominator: float | None,
) -> bool:
    """Whether the rows give the judged numbers (Q02's denominator is the catalogue, not rows)."""
    if judged["suppressed"]:
        return True
    is_direct = indicator["light_rule"] == "direct"
    is_direct_count = is_direct and denominator is not None and judged["denominator"] is None
    if indicator["light_rule"] == "count" or is_direct_count:
        return bool(denominator == judged["numerator"])
    same_numerator = judged["numerator"] is None or _same(numerator, judged["numerator"])
    withheld = judged["denominator"] is None  # too few answers
    by_rows = denominator is not None and indicator["light_rule"] != "plain" and not withheld
    return same_numerator and (not by_rows or _same(denominator, judged["denominator"]))


def _same(counted: float | None, judged: float | None) -> bool:
    """Counts are exact; of sums of money cut at a percentile the last bits may differ."""
    return math.isclose(counted or 0.0, judged or 0.0, rel_tol=1e-12, abs_tol=1e-6)


def _rows(
    con: duckdb.DuckDBPyConnection,
    model: str,
    where: str,
    values: list[Any],
    limit: int,
    indicator: dict[str, Any],
) -> list[CountedRow]:
    """Rows of the population, first those that speak against the unit: they are the question."""
    columns = _columns(con, model)
    shares = "is_denominator" in columns
    first = "is_numerator desc" if indicator["direction"] == "lower" else "is_numerator"
    order = f"{first}, is_open desc" if shares and "value" not in columns else "value desc"
    # Of a change against a year before (is_member) both years are the population.
    whole = not shares or "is_member" in columns
    population = "" if whole else " and (is_denominator > 0 or is_open = 1)"
    found = records(
        con,
        f"with counted as (select * from marts.{model} where {where}{population}"
        f" order by {order}, row_key limit {int(limit)})"
        " select counted.*, receipt.file_name as receipt_file from counted"
        " left join (select delivery_id, any_value(file_name) as file_name"
        "   from staging.stg_o01_delivery_log group by 1) as receipt"
        " on receipt.delivery_id = counted._delivery_id"
        f" order by {order}, row_key",
        values,
    )
    masked = bool(CASE_FEEDS & set(str(indicator["sources"]).split(";")))
    return [_counted(row, masked) for row in found]


def _counted(row: dict[str, Any], masked: bool) -> CountedRow:
    facts = {
        name: value
        for name, value in row.items()
        if name not in _MACHINERY
        and not name.startswith(("unit_", "_"))
        and name not in _BESIDE
        and value is not None
    }
    if row.get("value") is not None:
        facts = {"value": row["value"], **facts}
    return CountedRow(
        key=mask(str(row["row_key"])) if masked else str(row["row_key"]),
        period_date=row["period_date"],
        in_numerator=bool(row.get("is_numerator")),
        in_denominator=bool(row.get("is_denominator", 1)),
        is_open=bool(row["is_open"]),
        facts=facts,
        delivery_id=row.get("_delivery_id"),
        file_name=row.get("receipt_file") or row.get("file_name"),
        line=row.get("_source_row"),
    )


def mask(key: str) -> str:
    """A case number with its middle hidden: the line of the file finds it, a reader cannot."""
    return key if len(key) <= 6 else f"{key[:3]}{'*' * (len(key) - 6)}{key[-3:]}"


def _feed(con: duckdb.DuckDBPyConnection, code: str) -> FeedState:
    """Freshness and checks of one source; references and logs have neither delivery nor check."""
    name = con.execute(
        "select name_zh from marts.dim_unit where unit_level = 'feed' and unit_code = ?", [code]
    ).fetchall()
    landed = con.execute(
        "select max(period_end), max(landed_time) from marts.fct_delivery"
        " where feed_code = ? and landed_time is not null and not is_beside",
        [code],
    ).fetchall()[0]
    status = con.execute(
        "select status from marts.fct_delivery where feed_code = ? and status is not null"
        " order by due_time desc, period_end desc limit 1",
        [code],
    ).fetchall()
    tests = con.execute(
        "select test_name, coalesce(passed, false) from marts.fct_quality_test where feed_code = ?"
        " qualify row_number() over (partition by test_name order by run_time desc, run_id) = 1",
        [code],
    ).fetchall()
    return FeedState(
        feed_code=code,
        name_zh=name[0][0]
        if name
        else {"O01": "数据到达日志", "O02": "质量检验日志"}.get(code, code),
        covers_until=landed[0],
        last_landed=landed[1],
        last_status=status[0][0] if status else None,
        tests_n=len(tests),
        tests_passed_n=sum(1 for _, passed in tests if passed),
        failing=sorted(test for test, passed in tests if not passed),
    )
