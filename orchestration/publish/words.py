"""What page SQL needs to know of the contracts: words for columns and checks, feeds in zones."""

from __future__ import annotations

from datetime import datetime

import duckdb

_SEEDS = {
    "seed_division": "区划表",
    "seed_organisation": "机构表",
    "seed_village": "村社表",
    "seed_code": "代码表",
    "seed_workday_calendar": "工作日历",
}


def add_words(connection: duckdb.DuckDBPyConnection, as_of: datetime) -> None:
    """Temporary tables for the page SQL to join: `field_word`, `check_word`, `zoned_feed`, and
    `category_system`, the source system of each of the 48 categories."""
    from ingestion.contract.load import load_all
    from quality.declared import rules_of

    contracts = list(load_all().values())
    fields = [
        (contract.code, name, field.label)
        for contract in contracts
        for field in contract.fields
        for name in {field.name, field.landed_name or field.name, field.source}
    ]
    tables = {**_SEEDS, **{contract.table: contract.name for contract in contracts}}
    checks = [
        (contract.code, rule.name, _in_words(rule.title_zh, tables))
        for contract in contracts
        for rule in rules_of(contract, as_of)
    ]
    connection.execute(
        "create temporary table field_word (feed_code varchar, column_name varchar, word varchar)"
    )
    connection.execute(
        "create temporary table check_word (feed_code varchar, test_name varchar, word varchar)"
    )
    connection.execute("create temporary table zoned_feed (feed_code varchar)")
    zoned = [(contract.code,) for contract in contracts if contract.zone]
    if zoned:  # executemany refuses an empty list
        connection.executemany("insert into zoned_feed values (?)", zoned)
    connection.execute(
        "create temporary table category_system (feed_code varchar, system_zh varchar)"
    )
    systems = [(contract.code, contract.domain) for contract in contracts if contract.is_category]
    connection.executemany("insert into category_system values (?, ?)", systems)
    connection.executemany("insert into field_word values (?, ?, ?)", fields)
    connection.executemany("insert into check_word values (?, ?, ?)", checks)


def _in_words(title: str, tables: dict[str, str]) -> str:
    """A check's title with tables called by their Chinese names."""
    for table, name in tables.items():
        title = title.replace(table, name)
    return title
