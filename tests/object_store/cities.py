"""One small city twice: the same deliveries into a lake on the disk and into one on the store."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from ingestion import clock
from ingestion.connectors import inbox
from ingestion.contract import load
from ingestion.delivery import deliver
from ingestion.lake.tables import RUN_METADATA, exists, opened
from ingestion.lake.views import everything
from orchestration.judging import revision
from orchestration.run.day import run_day
from orchestration.run.replay import arrivals, lay_down
from tests.conftest import settle
from tests.ingestion.handover import agencies_send

AS_OF = "2026-10-31T23:00:00"
# Keyed with and without a version, a snapshot, one with history, a zone's; and references.
FEEDS = ("P09", "P13", "P20", "P36", "P43", "F15", "F22")
REFERENCES = ("R01", "R04", "R05", "R06", "R07")


@dataclass(frozen=True)
class Raised:
    """A city after its deliveries and a whole day."""

    folder: Path
    variables: dict[str, str]
    take_in_s: float
    day_s: float

    def point(self, patch: pytest.MonkeyPatch) -> Path:
        """This process works on it; gives the data home."""
        settle(patch, self.folder.parent, AS_OF)
        patch.setenv("FENGQIAO_HOME", str(self.folder))
        for name, value in self.variables.items():
            patch.setenv(name, value)
        return self.folder


def send(folder: Path) -> None:
    """What the agencies send in a month, defects and mishaps included, as files of `folder`."""
    with pytest.MonkeyPatch.context() as patch:
        settle(patch, folder, AS_OF)
        agencies_send("2026-09-20")


def raise_city(folder: Path, variables: dict[str, str]) -> Raised:
    """Take all of it into the home `folder`, then run the day."""
    city = Raised(folder, variables, 0.0, 0.0)
    with pytest.MonkeyPatch.context() as patch:
        city.point(patch)
        began = time.perf_counter()
        for arrival in arrivals(clock.as_of()):
            if arrival.feed_code in FEEDS:
                contract = load(arrival.feed_code)
                deliver(inbox.receive(contract, lay_down(arrival, contract)))
        taken = time.perf_counter()
        run_day({*FEEDS, *REFERENCES})
        return Raised(folder, variables, taken - began, time.perf_counter() - taken)


def tables() -> dict[str, pl.DataFrame]:
    """Every table of the lake and its zones, without what depends on when it was written."""
    found = {}
    where = {name: stored.path for name, stored in everything().items()}
    where |= {"revision": revision.path(), "release": revision.release_path()}
    for name, path in where.items():
        if exists(path):
            frame = pl.DataFrame(pl.from_arrow(opened(path).to_pyarrow_table()))
            found[name] = frame.drop(RUN_METADATA, strict=False)
    return found


def receipts(home: Path) -> dict[str, Any]:
    """Every receipt in the outbox by its path."""
    files = sorted((home / "outbox").rglob("*.receipt.json"))
    return {f.relative_to(home).as_posix(): json.loads(f.read_text("utf-8")) for f in files}


def tables_of(file: Path, schema: str) -> dict[str, pl.DataFrame]:
    """The tables of one schema of a DuckDB file."""
    with duckdb.connect(str(file), read_only=True) as con:
        names = con.execute(
            "select table_name from duckdb_tables() where schema_name = ? and not internal",
            [schema],
        ).fetchall()
        return {n: con.execute(f'select * from {schema}."{n}"').pl() for (n,) in names}


def assert_same(one: dict[str, pl.DataFrame], other: dict[str, pl.DataFrame]) -> None:
    """The same tables with the same rows in any order."""
    assert one.keys() == other.keys()
    for name, frame in one.items():
        assert frame.columns == other[name].columns, name
        left, right = (f.select(pl.struct(pl.all()).struct.json_encode().alias("row")).sort("row")
                       for f in (frame, other[name]))  # fmt: skip
        assert_frame_equal(left, right)
