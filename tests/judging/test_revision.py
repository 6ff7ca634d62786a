"""Any release can be put together again from what was appended, and nothing is appended twice."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import date
from pathlib import Path

import duckdb
import polars as pl
import pytest

from ingestion.clock import LOCAL
from ingestion.lake.tables import load
from orchestration.judging import revision
from orchestration.judging.step import COLUMNS
from orchestration.run import releases


def judged(number: int, cells: dict[str, tuple[int, int]], **more: object) -> pl.DataFrame:
    """A judged table of one month: units with numerator and denominator."""
    rows = pl.DataFrame(
        {
            "unit_code": list(cells),
            "numerator": [float(c[0]) for c in cells.values()],
            "denominator": [float(c[1]) for c in cells.values()],
        }
    ).with_columns(
        indicator_code=pl.lit("D09"), unit_level=pl.lit("district"), window_kind=pl.lit("month"),
        period_start=pl.lit(date(2026, 8, 1)), period_end=pl.lit(date(2026, 8, 31)),
        period_label=pl.lit("2026-08"), value=100 * pl.col("numerator") / pl.col("denominator"),
        value_shrunk=pl.lit(90.0), is_provisional=pl.lit(False), is_complete=pl.lit(True),
        is_running=pl.lit(False), suppressed=pl.lit(False), formula_version=pl.lit("1.0.0"),
        light=pl.lit("G"), as_of=pl.datetime(2026, 9, number, 9),
        release_id=pl.lit(f"r{number}"), fresh_until=pl.datetime(2026, 9, number),
        open_n=pl.lit(0, pl.Int64),
    ).with_columns(pl.lit(v).alias(k) for k, v in more.items())  # fmt: skip
    strings = ("light_reason_zh", "quality_flag")
    return rows.with_columns(
        pl.lit(None, pl.String if c in strings else pl.Float64).alias(c)
        for c in COLUMNS if c not in rows.columns
    ).select(COLUMNS)  # fmt: skip


def publish(table: pl.DataFrame) -> int:
    """What a run does with its judged table."""
    changed = revision.append_revisions(table)
    as_of = table["as_of"][0].replace(tzinfo=LOCAL)
    revision.note_release(table["release_id"][0], as_of)
    return changed


def ask(
    query: str, release: str | None = None, day: date | None = None
) -> list[tuple[object, ...]]:
    with duckdb.connect() as con:
        releases.add_views(con, releases.choose(release, day))
        return con.execute(query).fetchall()


A, B, C = {"a": (90, 100), "b": (40, 50)}, {"a": (95, 110), "b": (40, 50)}, {"a": (91, 110)}
VALUES = "select unit_code, numerator, denominator from indicator_release order by 1"


@pytest.fixture
def three(home: Path) -> list[pl.DataFrame]:
    """Three releases: late data, then a correction and a unit that is gone."""
    tables = [judged(1, A), judged(2, B), judged(3, C)]
    assert [publish(t) for t in tables] == [2, 1, 1]
    return tables


def test_every_release_is_put_together_again(three: list[pl.DataFrame]) -> None:
    for number, cells in enumerate((A, B, C), 1):
        assert ask(VALUES, f"r{number}") == [(u, *map(float, c)) for u, c in cells.items()]
    assert ask(VALUES) == ask(VALUES, "r3")
    assert ask(VALUES, day=date(2026, 9, 2)) == ask(VALUES, "r2")
    assert ask("select count(*) from fct_indicator", "r1") == [(2,)]
    columns = ask("select column_name from (describe indicator_release)")
    assert {c[0] for c in columns} == set(COLUMNS)


def test_the_last_digit_of_a_sum_is_no_revision(home: Path) -> None:
    """As another engine adds, or the same one with its rows in another order."""
    first = judged(1, A, p_red=1e-18)
    publish(first)
    last_digit = pl.col("numerator", "value") * (1 + 4e-16), pl.col("p_red") * 3
    again = judged(2, A, p_red=1e-18).with_columns(*last_digit)
    assert again["value"].to_list() != first["value"].to_list()
    before = load(revision.path()).version()
    assert publish(again) == 0
    assert load(revision.path()).version() == before
    assert publish(judged(3, A, value=90.000001)) == 2


def test_every_number_of_a_release_is_put_together_again(home: Path) -> None:
    tables = [judged(1, A), judged(2, A, value_shrunk=91.0, p_red=0.25)]
    assert [publish(t) for t in tables] == [2, 0], "a shrunk value that moves is no revision"
    for table in tables:
        with duckdb.connect() as con:
            releases.add_views(con, releases.choose(table["release_id"][0], None))
            stood = con.execute("select * from indicator_release").pl()
        same = [c for c in COLUMNS if c != "fresh_until"]
        assert stood.select(same).sort("unit_code").equals(table.select(same).sort("unit_code"))
    assert ask("select distinct release_id, reason from indicator_revision") == [("r1", "first")]


def test_each_revision_says_why(three: list[pl.DataFrame]) -> None:
    publish(judged(4, C, formula_version="1.1.0"))
    publish(judged(5, C, formula_version="1.1.0", light="R"))
    publish(judged(6, {"a": (0, 110)}, formula_version="1.1.0", suppressed=True))
    said = ask("select reason from indicator_revision where unit_code = 'a' order by release_no")
    reasons = ["first", "late data", "correction", "formula", "light", "disclosure"]
    assert [r[0] for r in said] == reasons
    shown = {r["release_id"]: r for r in releases.listed()}
    assert list(shown) == ["r6", "r5", "r4", "r3", "r2", "r1"]
    assert shown["r4"]["formulas_changed"] == "D09 1.1.0"
    assert [shown[f"r{n}"]["rows_changed"] for n in (1, 2, 3)] == [2, 1, 1]


def test_first_published_stands_beside_now(three: list[pl.DataFrame]) -> None:
    query = (
        "select unit_code, first_numerator, now_numerator, first_release_id, revisions_n"
        " from first_published order by 1"
    )
    assert ask(query) == [("a", 90.0, 91.0, "r1", 2)]
    assert ask(query, "r2") == [("a", 90.0, 95.0, "r1", 1), ("b", 40.0, 40.0, "r1", 0)]


def test_a_running_month_is_first_published_when_it_is_over(home: Path) -> None:
    publish(judged(1, {"a": (1, 2)}, is_running=True))
    assert ask("select count(*) from first_published") == [(0,)]
    publish(judged(2, A, is_provisional=True))
    found = ask("select first_numerator, first_is_provisional from first_published where"
                " unit_code = 'a'")  # fmt: skip
    assert found == [(90.0, True)]


def test_the_same_release_twice_adds_nothing(three: list[pl.DataFrame]) -> None:
    files = set(revision.path().parent.rglob("*.parquet"))
    assert publish(three[-1]) == 0
    assert set(revision.path().parent.rglob("*.parquet")) == files
    assert len(revision.releases()) == 3


def test_a_quiet_release_is_a_release(three: list[pl.DataFrame]) -> None:
    assert publish(judged(4, C)) == 0
    assert publish(judged(5, A)) == 2
    assert ask(VALUES, "r4") == ask(VALUES, "r3") != ask(VALUES, "r5")


def test_what_no_release_carried_was_never_published(home: Path) -> None:
    publish(judged(1, A))
    revision.append_revisions(judged(2, B))  # its pages were never in place
    publish(judged(3, {"a": (93, 110), "b": (40, 50)}))
    assert [r["release_id"] for r in releases.listed()] == ["r3", "r1"]
    assert ask("select numerator from indicator_revision where unit_code = 'a'"
               " order by release_no") == [(90.0,), (93.0,)]  # fmt: skip
    with pytest.raises(releases.UnknownRelease, match="no release r2; the newest are r3, r1"):
        releases.choose("r2", None)


KILLED = """
import os, sys
sys.path.insert(0, os.getcwd())
from ingestion.lake.tables import load
from orchestration.judging import revision
from tests.judging.test_revision import A, B, judged
revision.append_revisions(judged(2, B))
os.kill(os.getpid(), 9)
"""


def test_a_kill_between_rows_and_release_heals(home: Path) -> None:
    publish(judged(1, A))
    root = Path(__file__).resolve().parents[2]
    killed = subprocess.run([sys.executable, "-c", KILLED], cwd=root, env={**os.environ})
    assert killed.returncode == -9
    assert [r["release_id"] for r in releases.listed()] == ["r1"]
    assert publish(judged(2, B)) == 0, "its rows were there"
    assert [r["rows_changed"] for r in releases.listed()] == [1, 2]
    assert ask(VALUES, "r2") == [("a", 95.0, 110.0), ("b", 40.0, 50.0)]


def test_a_release_nobody_knows_names_the_newest(three: list[pl.DataFrame]) -> None:
    with pytest.raises(releases.UnknownRelease, match="no release x; the newest are r3, r2, r1"):
        releases.choose("x", None)
    with pytest.raises(releases.UnknownRelease, match="nothing was published by 2026-08-01"):
        releases.choose(None, date(2026, 8, 1))


def test_a_record_without_releases_answers_too(home: Path) -> None:
    revision.append_revisions(judged(1, A))
    revision.append_revisions(judged(2, B))
    assert [r["release_id"] for r in releases.listed()] == ["r2", "r1"]
    publish(judged(3, C))
    assert [r["release_id"] for r in releases.listed()] == ["r3", "r2", "r1"]
