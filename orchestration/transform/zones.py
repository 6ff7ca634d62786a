"""The dbt runs of the L4 zones (decision 7): each alone, in a build file only this user may read.

A zone's file sees the zone's own feeds and the reference data, never another zone or the city's
facts. What leaves it is the table made by the macro `declassify`, read by name; the main run finds
it as `declassified.zone_counts`.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import duckdb
import polars as pl

from ingestion import places
from ingestion.access import Access, note
from ingestion.contract import load_all
from ingestion.contract.model import ZONES
from ingestion.lake.views import register
from orchestration.transform import declassified
from orchestration.transform.run import MAIN, run_dbt


def run_zones(as_of: datetime, project: Path | None = None) -> int:
    """Count every zone that has data and put what may leave it into the main build file.

    Gives the number of cells that crossed, hidden ones included. Raises `DbtFailed`; the cells of
    the last good run then stay.
    """
    crossed = [run_zone(zone, as_of, project) for zone in ZONES if _register(zone, as_of)]
    return declassified.replace(places.build() / f"{MAIN}.duckdb", crossed)


def run_zone(zone: str, as_of: datetime, project: Path | None = None) -> pl.DataFrame:
    """One zone's dbt run on the lake registered in its build file; gives the cells that leave."""
    with only_we_may_read():
        run_dbt(
            as_of,
            select=[f"+tag:zone_{zone}"],
            project=project,
            build_name=build_file(zone).stem,
        )
    cells = declassified.crossing(build_file(zone), zone)
    feeds = tuple(c.code for c in load_all().values() if c.zone == zone)
    # What nobody could know of does not cross (DP-12).
    note(Access("zone", feeds, filter=f"declassify {zone}", rows=cells.height))
    return cells


def build_file(zone: str) -> Path:
    """The private build file of a zone."""
    return places.build() / f"l4-{zone}.duckdb"


def _register(zone: str, as_of: datetime) -> bool:
    """Point the zone's build file at the zone's lake; says whether there is anything in it."""
    with only_we_may_read():
        file = build_file(zone)
        file.parent.mkdir(parents=True, exist_ok=True)
        with duckdb.connect(str(file)) as con:
            con.execute("set TimeZone = 'Asia/Shanghai'")
            files_n = register(con, as_of, zone)
        file.chmod(0o600)
    return any(files_n.values())


@contextmanager
def only_we_may_read() -> Iterator[None]:
    """Files made meanwhile (the build file, its log of writes) are closed to everybody else."""
    before = os.umask(0o077)
    try:
        yield
    finally:
        os.umask(before)
