"""A district's brief holds that district's rows, the city's and the districts' median: no other."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from dashboards.server.roles import districts
from orchestration.brief import make
from orchestration.brief.rows import pages_for, reader_of
from tests.brief.reading import text_of, words_of

MARK = "泄露"
# What rows are found by: marking it would only hide a row from the brief.
KEYS = {"scope_code", "district", "place", "kind", "part", "period", "indicator_code", "unit_level",
        "unit_code", "topic", "line", "window_kind"}  # fmt: skip


def mark_rows(pages: Path, condition: str) -> int:
    """Write the mark into every text of every row that `condition` holds for; gives the rows."""
    marked = 0
    with duckdb.connect(str(pages)) as connection:
        columns: dict[str, list[str]] = {}
        for table, column in connection.execute(
            "select table_name, column_name from duckdb_columns() where data_type = 'VARCHAR'"
        ).fetchall():
            columns.setdefault(str(table), []).append(str(column))
        for table, names in columns.items():
            free = [n for n in names if n not in KEYS]
            if not free or "scope_code" not in names:
                continue
            sets = ", ".join(f"\"{n}\" = '{MARK}'" for n in free)
            done = connection.execute(f"update {table} set {sets} where {condition}").fetchone()
            marked += int(done[0]) if done else 0
    return marked


@pytest.mark.parametrize("unit", sorted(districts()))
def test_no_text_of_another_districts_row_gets_into_a_brief(city: Path, unit: str) -> None:
    assert mark_rows(city, f"not ({reader_of(unit).clause})") > 1000
    others = set(districts().values()) - {districts()[unit]}
    with pages_for(unit) as pages:
        # An office of another district may owe something in this one; that row is this one's.
        owing = sorted(set(pages.read("duty")["unit_name"]), key=len, reverse=True)
    for kind in ("weekly", "monthly"):
        made = make(kind, unit)
        for told in (text_of(made.pdf), words_of(made.xlsx)):
            assert MARK not in told
            assert districts()[unit] in told
            for office in owing:
                told = told.replace(office, "")
            assert [name for name in others if name in told] == []


def test_a_mark_would_be_seen(city: Path) -> None:
    mark_rows(city, "scope_code = '330681'")
    made = make("weekly", "330681")
    assert MARK in text_of(made.pdf) and MARK in words_of(made.xlsx)


def test_the_clause_is_that_of_the_pages_for_every_table(city: Path) -> None:
    """Whatever a table holds, a district's reader is given rows of four scopes only."""
    with pages_for("330681") as pages:
        for table in ("brief_value", "brief_light", "duty", "light_agency", "index_band",
                      "control_chart", "scope", "health_board", "check_result"):  # fmt: skip
            scopes = set(pages.read(table)["scope_code"])
            assert scopes <= {"city", "peer", "330681", "only:330681"}, table
