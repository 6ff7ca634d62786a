"""A day that is killed leaves yesterday's pages; run again, it ends as if nothing had happened."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import duckdb
import polars as pl
import pytest

from ingestion import clock
from ingestion.lake.logs import read_log
from tests.ingestion.handover import P44_HEADER, csv_text, stored, tickets
from tests.whole import victim
from tests.whole.small_city import copy_city, environment, settled

KILLED = (("deliver", 0.1), ("dbt", 1.0), ("publish", 0.1))
TOMORROW = datetime(2026, 10, 23, 9, tzinfo=clock.LOCAL)
LATER = {
    "受理时间": "2026-10-22 08:30",
    "办理时限": "2026-10-29 17:30",
    "源系统更新时间": "2026-10-22 10:00",
}


def new_day(city: Path, to: Path) -> dict[str, str]:
    """A copy of the city in which another day's tickets wait."""
    copy_city(city, to)
    rows = tickets(*[LATER for _ in range(40)], {**LATER, "事项分类": "770000"})
    inbox = to / "data" / "inbox" / "P44"
    inbox.mkdir(parents=True, exist_ok=True)
    (inbox / "P44_20261022.csv").write_bytes(csv_text(P44_HEADER, rows).encode("gb18030"))
    return environment(to, TOMORROW)


def pages(folder: Path, query: str) -> list[tuple[object, ...]]:
    with duckdb.connect(str(folder / "data/serving/pages.duckdb"), read_only=True) as con:
        return con.execute(query).fetchall()


def judged(folder: Path) -> pl.DataFrame:
    """The judged table without the name of its release."""
    with duckdb.connect(str(folder / "data/build/fengqiao.duckdb"), read_only=True) as con:
        rows = con.execute("select * exclude (release_id) from judged.fct_indicator").pl()
    return rows.sort(pl.all())


def lake(folder: Path) -> dict[str, list[tuple[object, ...]]]:
    with pytest.MonkeyPatch.context() as patch:
        settled(folder, patch)
        tables = {
            "P44": stored("P44"),
            **{n: read_log(n) for n in ("o01_delivery_log", "quarantine")},
        }
    return {name: sorted(t.rows(), key=repr) for name, t in tables.items()}


def test_a_day_killed_three_times_leaves_yesterdays_pages_and_ends_the_same(
    city: Path, tmp_path: Path
) -> None:
    calm, shot = tmp_path / "calm", tmp_path / "shot"
    assert victim.run(new_day(city, calm)) == 0
    places = new_day(city, shot)
    before = pages(city, "select * from page_status")
    board = "select * from indicator_board order by all"
    yesterday = pages(city, board)
    assert len(yesterday) > 20
    for step, after_s in KILLED:
        assert victim.run(places, step, after_s) == -9, step
        assert pages(shot, "select * from page_status") == before, step
        assert pages(shot, board) == yesterday, step
    assert victim.run(places) == 0
    assert pages(shot, "select as_of from page_status") == [(TOMORROW.replace(tzinfo=None),)]
    assert lake(shot) == lake(calm)
    assert judged(shot).equals(judged(calm))
    assert judged(shot).height > 100
    assert not list((shot / "data/inbox").rglob("*.csv"))
