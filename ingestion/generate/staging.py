"""Contracts → dbt sources and staging models (`dbt_project/models/staging/`).

Staging changes nothing but time: moments become local naive (UTC+8), so that all SQL above
it is portable. Rebuilt by `fengqiao generate`, compared in CI.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
import yaml

from ingestion.city import PRODUCT
from ingestion.contract import load_platform
from ingestion.contract.model import Contract
from ingestion.lake.tables import DELIVERY_LOG, QUARANTINE, RETENTION_RUN, TEST_RUN, content_schema
from ingestion.lake.views import CONTRACT, DUE, HISTORY

FOLDER = PRODUCT / "dbt_project" / "models" / "staging"
HEAD = "Generated from the contracts by `fengqiao generate`; do not edit."
META = {
    "_delivery_id": "批次号 / delivery that brought this version",
    "_source_row": "原文件行序 / ordinal of the record in the archived stream",
    "_valid_from": "源系统时间 / the source's time of this version, local",
    "_period_end": "批次所属期末 / last day of the delivery's declared period",
    "_occurrence": "相同行序号 / ordinal among identical rows of a feed without a key",
    "_warnings": "提示规则 / warning rules the row breaks",
    "_month": "分区月 / month of the event, the lake's partition",
}
_META_MOMENTS = ("_valid_from",)
HISTORY_META = {
    "_delivery_id": META["_delivery_id"],
    "_source_row": META["_source_row"],
    "_valid_from": META["_valid_from"],
    "_period_end": META["_period_end"],
    "_loaded_at": "入湖时间 / when this version was accepted, local",
    "_deleted": "已删除 / the key was deleted in this version",
}
HISTORY_MOMENTS = ("_valid_from", "_loaded_at")
LOGS: dict[str, tuple[dict[str, Any], str]] = {
    "o01_delivery_log": (
        DELIVERY_LOG,
        "数据到达日志 O01 / receipts, one row per delivery received",
    ),
    "o02_test_run": (TEST_RUN, "质量检验日志 O02 / one row per run of one check"),
    "quarantine": (
        QUARANTINE,
        "隔离区 / one row per rule broken by a row; shapes, never personal values",
    ),
    "retention_run": (
        RETENTION_RUN,
        "到期删除 / one row per deletion of rows past their retention, with their number",
    ),
    "contract": (CONTRACT, "数据合同 / one row per contract"),
    "due_delivery": (DUE, "应到批次 / one row per delivery due by the run time"),
}
# Columns of what is derived from the contracts: no contract of its own says them.
DERIVED = {
    "feed_code": "数据源代码 / code of the feed",
    "feed_table": "数据源表名 / table of the feed",
    "name_zh": "名称 / Chinese name of the feed",
    "is_category": "是否48类之一 / one of the 48 categories of the seven business systems",
    "frequency": "频率 / daily to yearly by the calendar in force last, or on demand",
    "contracted_regions": "约定报送的区县 / districts the contract promises deliveries of",
    "owner_org_code": "责任单位代码 / organisation that owns the feed or owes the delivery",
    "owner_zh": "责任单位 / name of the owner",
    "level_landed": "落湖级别 / level after landing, L1 to L4",
    "serve": "是否供查询 / whether its rows may be read in SQL Lab",
    "zone": "L4域 / zone its rows stay in, empty outside",
    "contract_version": "合同版本 / version of the contract",
    "region_code": "县(市、区)代码 / district the delivery is of",
    "sender": "报送单位 / who owes the delivery, of a feed that several agencies send",
    "period_start": "期初 / first day of the period due",
    "period_end": "期末 / last day of the period due, inclusive",
    "due_time": "应到时间 / when it is due, local",
}


def _select(columns: list[tuple[str, bool]], source: str, zone: str | None = None) -> str:
    lines = [
        f"    {{{{ to_local('{name}') }}}} as {name}" if moment else f"    {name}"
        for name, moment in columns
    ]
    body = ",\n".join(lines)
    # The tags keep a zone's models out of every run but the zone's own.
    tags = f"{{{{ config(tags=['l4', 'zone_{zone}']) }}}}\n" if zone else ""
    return f"-- {HEAD}\n{tags}select\n{body}\nfrom {{{{ source('lake', '{source}') }}}}\n"


def _is_moment(dtype: Any) -> bool:
    return isinstance(dtype, pl.Datetime)


def feed_sql(contract: Contract) -> str:
    """The staging model of a feed."""
    columns = [(n, _is_moment(t)) for n, t in content_schema(contract).items()]
    columns += [(n, n in _META_MOMENTS) for n in META]
    return _select(columns, contract.table, contract.zone)


def history_sql(contract: Contract) -> str:
    """The staging model of every version of a feed that keeps them."""
    columns = [(n, _is_moment(t)) for n, t in content_schema(contract).items()]
    columns += [(n, n in HISTORY_MOMENTS) for n in HISTORY_META]
    return _select(columns, contract.table + HISTORY, contract.zone)


def log_sql(name: str) -> str:
    """The staging model of a log or of a table derived from the contracts."""
    return _select([(n, _is_moment(t)) for n, t in LOGS[name][0].items()], name)


def _content_docs(contract: Contract) -> list[dict[str, Any]]:
    columns: list[dict[str, Any]] = []
    for field in contract.landed:
        unit = f" [{field.unit}]" if field.unit else ""
        meta: dict[str, Any] = {"label_zh": field.label, "level": field.level, "pii": field.pii}
        if field.code_table:
            meta["code_table"] = field.code_table
        column: dict[str, Any] = {
            "name": field.landed_name,
            "description": f"{field.label}{unit} / {field.description}",
            "config": {"meta": meta},
        }
        columns.append(column)
    return columns


def _history_docs(contract: Contract) -> dict[str, Any]:
    return {
        "name": f"stg_{contract.table}{HISTORY}",
        "description": f"{contract.name}(历次版本) / every accepted version of: {contract.grain}",
        "columns": [
            *_content_docs(contract),
            *({"name": n, "description": d} for n, d in HISTORY_META.items()),
        ],
    }


def _feed_docs(contract: Contract) -> dict[str, Any]:
    columns = _content_docs(contract)
    columns += [{"name": n, "description": d} for n, d in META.items()]
    return {
        "name": f"stg_{contract.table}",
        "description": f"{contract.name} / {contract.usage}",
        "config": {
            "meta": {
                "feed": contract.code,
                "label_zh": contract.name,
                "grain": contract.grain,
                "level": contract.level_landed,
                "owner": contract.owner,
                "legal_basis": contract.legal_basis,
                "purpose": contract.purpose,
                "retention_days": contract.retention_days,
            }
        },
        "columns": columns,
    }


def _log_docs(name: str, declared: dict[str, Contract]) -> dict[str, Any]:
    schema, description = LOGS[name]
    columns: list[dict[str, Any]] = [
        {"name": column, **({"description": DERIVED[column]} if column in DERIVED else {})}
        for column in schema
    ]
    if name in declared:
        columns = _content_docs(declared[name])
    return {"name": f"stg_{name}", "description": description, "columns": columns}


def files(contracts: dict[str, Contract]) -> dict[Path, str]:
    """Path → content of every generated file of the staging folder."""
    made: dict[Path, str] = {}
    platform = {c.table: c for c in load_platform().values()}
    tables: list[dict[str, Any]] = []
    for contract in contracts.values():
        made[FOLDER / f"stg_{contract.table}.sql"] = feed_sql(contract)
        tables.append({"name": contract.table, "description": contract.name})
        if contract.history:
            name = contract.table + HISTORY
            made[FOLDER / f"stg_{name}.sql"] = history_sql(contract)
            tables.append({"name": name, "description": f"{contract.name}(历次版本)"})
    for name, (_, description) in LOGS.items():
        made[FOLDER / f"stg_{name}.sql"] = log_sql(name)
        tables.append({"name": name, "description": description})
    sources = {
        "version": 2,
        "sources": [
            {
                "name": "lake",
                "schema": "lake",
                "description": "The exact snapshot of the lake, registered before each run",
                "tables": tables,
            }
        ],
    }
    models = {
        "version": 2,
        "models": [_feed_docs(c) for c in contracts.values()]
        + [_history_docs(c) for c in contracts.values() if c.history]
        + [_log_docs(n, platform) for n in LOGS],
    }
    for name, body in (("_sources.yml", sources), ("_staging.yml", models)):
        text = yaml.safe_dump(body, allow_unicode=True, sort_keys=False, width=100)
        made[FOLDER / name] = f"# {HEAD}\n{text}"
    return made
