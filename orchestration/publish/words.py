"""What page SQL needs to know of the contracts: words for columns and checks, feeds in zones."""

from __future__ import annotations

from datetime import datetime

import duckdb

from ingestion.contract.model import Contract
from orchestration.publish.register import Rows, add_register
from orchestration.publish.register import add_table as _add

_SEEDS = {
    "seed_division": "区划表",
    "seed_organisation": "机构表",
    "seed_village": "村社表",
    "seed_code": "代码表",
    "seed_workday_calendar": "工作日历",
}


def add_words(connection: duckdb.DuckDBPyConnection, as_of: datetime) -> None:
    """Temporary tables for the page SQL to join: `field_word`, `check_word`, `zoned_feed`,
    `category_system` (the source system of each of the 48 categories), and for the register of
    purposes `contract_word`, `column_word`, `exemption_word`, `role_word`, `access_word`."""
    from ingestion.contract.load import load_all

    contracts = list(load_all().values())
    texts = ("feed_code varchar", "column_name varchar", "word varchar")
    _add(connection, "field_word", texts, _fields(contracts))
    texts = ("feed_code varchar", "test_name varchar", "word varchar")
    _add(connection, "check_word", texts, _checks(contracts, as_of))
    zoned = [(contract.code,) for contract in contracts if contract.zone]
    _add(connection, "zoned_feed", ("feed_code varchar",), zoned)
    systems = [(contract.code, contract.domain) for contract in contracts if contract.is_category]
    _add(connection, "category_system", ("feed_code varchar", "system_zh varchar"), systems)
    add_register(connection, contracts)


def _fields(contracts: list[Contract]) -> Rows:
    return [
        (contract.code, name, field.label)
        for contract in contracts
        for field in contract.fields
        for name in {field.name, field.landed_name or field.name, field.source}
    ]


def _checks(contracts: list[Contract], as_of: datetime) -> Rows:
    from quality.declared import rules_of

    tables = {**_SEEDS, **{contract.table: contract.name for contract in contracts}}
    return [
        (contract.code, rule.name, _in_words(rule.title_zh, tables))
        for contract in contracts
        for rule in rules_of(contract, as_of)
    ]


def _in_words(title: str, tables: dict[str, str]) -> str:
    """A check's title with tables called by their Chinese names."""
    for table, name in tables.items():
        title = title.replace(table, name)
    return title
