"""A day killed again and again ends as if nothing had happened, and its pages are always read.

The day is the city's last: what arrived as files waits in the inbox, the rest is asked of the
agencies' interface, database and streams while the run is killed. `FENGQIAO_WHOLE_KILLS` says how
often (5; forty before a release).
"""

from __future__ import annotations

import json
import os
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb
import numpy as np
import polars as pl
import pytest

from ingestion import places
from ingestion.contract import load_all
from ingestion.lake.logs import read_log
from ingestion.lake.tables import RUN_METADATA, feed_path, history_path
from tests.conftest import settle
from tests.whole import victim
from tests.whole.small_city import AS_OF, SECONDS, YESTERDAY, agencies_api, environment

KILLS = int(os.environ.get("FENGQIAO_WHOLE_KILLS", "5"))
# The steps of one home that are killed, each at a random moment; dbt runs the zones first, publish
# writes the bench files last. More kills than these go on with another home.
ORDER = ("deliver", "deliver", "checks", "dbt", "publish", "deliver", "dbt", "judge")
# Of a step's time when left alone: nothing may end before it is killed.
WITHIN = 0.8
ROUNDS = [ORDER[: KILLS - first] for first in range(0, KILLS, len(ORDER))]
STATUS = "select strftime(as_of, '%Y-%m-%dT%H:%M:%S') from page_status"
BOARD = "select * from indicator_board order by all"


def tables_of(file: Path) -> dict[str, pl.DataFrame]:
    """Every table of a DuckDB file, rows in one order, without the name of the release."""
    found = {}
    with duckdb.connect(str(file), read_only=True) as con:
        names = con.execute(
            "select schema_name, table_name from duckdb_tables() where not internal"
        ).fetchall()
        for schema, name in names:
            rows = con.execute(f'select * from "{schema}"."{name}"').pl()
            rows = rows.drop("release_id", strict=False)
            found[name] = rows.sort(by=pl.all()) if rows.width else rows
    return found


def served(home: Path) -> dict[str, pl.DataFrame]:
    """What the pages and the bench files hold, but for the count of looks at data: a day that was
    killed counted its zones more often, and the access log says so."""
    return {
        f"{file.stem}.{name}": rows
        for file in sorted((home / "serving").glob("*.duckdb"))
        for name, rows in tables_of(file).items()
        if name != "access_count"
    }


KEY = ["indicator_code", "unit_level", "unit_code", "window_kind", "period_start"]


def judged(home: Path) -> pl.DataFrame:
    with duckdb.connect(str(home / "build/fengqiao.duckdb"), read_only=True) as con:
        rows = con.execute("select * exclude (release_id) from judged.fct_indicator").pl()
    return rows.sort(KEY)


def lake(home: Path) -> dict[str, pl.DataFrame]:
    """Every table of the lake and of the zones, the logs, and what lies in the archive."""
    found: dict[str, pl.DataFrame] = {}
    with pytest.MonkeyPatch.context() as patch:
        settle(patch, home.parent, AS_OF)
        patch.setenv("FENGQIAO_HOME", str(home))
        for code, contract in load_all().items():
            for path in (feed_path(contract), history_path(contract)):
                if path.exists():
                    found[f"{code} {path.parent.name}"] = pl.read_delta(str(path))
        for name in ("o01_delivery_log", "o02_test_run", "quarantine"):
            found[name] = read_log(name)
        for name, folder in (("archive", places.archive()), ("outbox", places.outbox())):
            files = [str(p.relative_to(folder)) for p in folder.rglob("*") if p.is_file()]
            found[name] = pl.DataFrame({"file": files})
    return {
        name: rows.drop(RUN_METADATA, strict=False).sort(by=pl.all())
        for name, rows in found.items()
    }


def read(home: Path, query: str) -> list[tuple[object, ...]]:
    with duckdb.connect(str(home / "serving/pages.duckdb"), read_only=True) as con:
        return con.execute(query).fetchall()


@contextmanager
def reader(home: Path) -> Iterator[list[object]]:
    """Somebody who looks at the pages all the time; gives what they found, or what went wrong."""
    seen: list[object] = []
    enough = threading.Event()

    def look() -> None:
        while not enough.wait(0.2):
            try:
                (row,) = read(home, STATUS)
                seen.append(row[0])
            except Exception as error:
                seen.append(error)

    thread = threading.Thread(target=look)
    thread.start()
    try:
        yield seen
    finally:
        enough.set()
        thread.join()


@pytest.mark.parametrize("number", range(len(ROUNDS)))
def test_a_day_killed_at_random_ends_like_one_left_alone(
    city: Path, city_home: Path, tmp_path: Path, number: int
) -> None:
    home = tmp_path / "data"
    shutil.copytree(city / "yesterday", home, symlinks=True)
    boards = [read(home, BOARD), read(city_home, BOARD)]
    assert len(boards[0]) > 20
    assert boards[0] != boards[1]
    chance = np.random.default_rng(number)
    seconds = json.loads((city / SECONDS).read_text())
    with agencies_api(city / "agencies") as url, reader(home) as seen:
        places_of_it = environment(city, home, url)
        for step in ROUNDS[number]:
            after_s = float(chance.uniform(0, WITHIN * seconds[step]))
            assert victim.run(places_of_it, step, after_s) == -9, step
            assert read(home, BOARD) in boards, step
        assert victim.run(places_of_it) == 0
    days = {str(s) for s in seen}
    assert {YESTERDAY} <= days <= {YESTERDAY, AS_OF}
    assert read(home, STATUS) == [(AS_OF,)]
    for mine, theirs in ((lake(home), lake(city_home)), (served(home), served(city_home))):
        assert mine.keys() == theirs.keys()
        assert [name for name in mine if not mine[name].equals(theirs[name])] == []
    mine, theirs = judged(home), judged(city_home)
    assert [c for c in mine.columns if not mine[c].equals(theirs[c])] == []
    assert mine.height > 100
    waiting = [p for w in ("inbox", "ops/spool") for p in (home / w).rglob("*") if p.is_file()]
    assert waiting == []
    assert {p.suffix for p in (home / "serving").iterdir()} == {".duckdb"}
