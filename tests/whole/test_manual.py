"""Every query that the manual shows runs: on the command line's tables, and on SQL Lab's file."""

from __future__ import annotations

import re
from pathlib import Path

import duckdb
import pytest

from orchestration.run.query import ask

PAGE = Path(__file__).resolve().parents[2] / "docs" / "manual" / "statisticians.md"


def test_the_manuals_queries_run(city_home: Path) -> None:
    queries = re.findall(r'fengqiao sql "([^"]+)"', PAGE.read_text("utf-8"))
    assert len(queries) >= 6
    for query in queries:
        # What stood at a day before this city was born is no row, and no error.
        ask(re.sub(r"\s+", " ", query), 10)


def test_the_manuals_examples_run_in_sql_lab(city: Path) -> None:
    examples = re.findall(r"```sql\n(.*?)```", PAGE.read_text("utf-8"), re.S)
    assert len(examples) >= 2
    file = city / "data" / "serving" / "bench-police.duckdb"
    with duckdb.connect(str(file), read_only=True) as connection:
        for example in examples:
            assert connection.execute(example).fetchall(), example


@pytest.mark.parametrize("table", ["data_dictionary", "indicator", "indicator_registry", "unit"])
def test_the_tables_that_the_manual_names_are_in_the_file(city: Path, table: str) -> None:
    file = city / "data" / "serving" / "bench-police.duckdb"
    with duckdb.connect(str(file), read_only=True) as connection:
        assert connection.execute(f"select count(*) from {table}").fetchone() != (0,)
    assert f"`{table}`" in PAGE.read_text("utf-8")
