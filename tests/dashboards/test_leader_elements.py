"""What a leader wants of each system of the programme stands on a page, and follows from records.

`leader_elements.csv` names for each system the block that shows it, what is read off that block
(over its table, with the block's conditions and the page's default choices), and a query over the
build's records that must give the same. `city:D09` is the newest final value of the city.
"""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import duckdb
import pytest

from dashboards.compiler.chart import conditions
from dashboards.compiler.commands import compiled
from dashboards.compiler.layout import follows
from dashboards.compiler.specification import Block, Page, load_pages
from dashboards.server import paths
from ingestion import places
from tests.dashboards.small_city import AS_OF

with Path(__file__).with_name("leader_elements.csv").open(encoding="utf-8") as _file:
    ELEMENTS = list(csv.DictReader(_file))
NEWEST = """
    select value from fct_indicator
    where indicator_code = '{code}' and unit_level = 'city' and not is_running
        and not is_provisional
    order by period_end desc limit 1"""


def test_every_system_has_its_element() -> None:
    systems = {f"A{number:02d}" for number in range(1, 41)}
    assert {element["system"] for element in ELEMENTS} == systems


@pytest.mark.parametrize("element", ELEMENTS, ids=lambda element: element["system"])
def test_the_element_shows_what_the_records_say(city_home: Path, element: dict[str, str]) -> None:
    page = next(page for page in load_pages() if page.id == element["page"])
    block = next(block for block in page.blocks if block.id == element["block"])
    shown = read_off(page, block, element["shown"])
    query = element["records"].replace("{as_of}", AS_OF)
    if query.startswith("city:"):
        query = NEWEST.format(code=query.removeprefix("city:"))
    with duckdb.connect(str(places.build() / "fengqiao.duckdb"), read_only=True) as con:
        con.execute("set search_path = 'judged,marts,staging,seeds'")
        [(told,)] = con.execute(query).fetchall()
    assert shown is not None
    if isinstance(told, str):
        assert shown == told
    else:
        assert float(shown) == pytest.approx(float(told))


def read_off(page: Page, block: Block, expression: str) -> Any:
    """An aggregate over the rows that a block shows when its page is opened."""
    chart = compiled().charts[page.id][block.id]
    where = list(chart.query.where)
    where += [
        (one.column, "==", one.default)
        for one in page.filters
        if one.default and follows(one, block.id, chart, compiled().tables)
    ]
    tests = [f"{column} {_sql(operator, value)}" for column, operator, value in where]
    with duckdb.connect(str(paths.pages_file()), read_only=True) as con:
        [(found,)] = con.execute(
            f"select {expression} from {chart.table} where {' and '.join(tests) or 'true'}"
        ).fetchall()
    return found


def _sql(operator: str, value: Any) -> str:
    if operator == "IN":
        return "in (" + ", ".join(f"'{one}'" for one in value) + ")"
    if operator == "IS NOT NULL":
        return "is not null"
    return f"{'=' if operator == '==' else operator} '{value}'"


def test_conditions_are_all_understood_here() -> None:
    assert conditions({"a": 1, "b": [1], "c": {"most": 2}, "d": {"least": 2}}) == (
        ("a", "==", 1),
        ("b", "IN", [1]),
        ("c", "<=", 2),
        ("d", ">=", 2),
    )
