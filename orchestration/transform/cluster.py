"""Counting on a Spark cluster, for a city that one machine cannot count (ADR 50).

`FENGQIAO_SPARK=spark://host:7077` lets Spark make the tables of dbt's project. DuckDB's build file
takes them over with the types and the views it would have made itself, so that data tests, judging,
explaining and publishing are the same. The L4 zones stay on this machine.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import time
from contextlib import suppress
from datetime import datetime
from pathlib import Path

import duckdb

from ingestion import places
from ingestion.delivery.receipt import write_whole
from ingestion.lake import duck
from ingestion.lake.views import SCHEMA as LAKE
from orchestration.transform import declassified, seeds
from orchestration.transform import manifest as parsed
from orchestration.transform.run import MAIN, DbtFailed, DbtRun, NodeResult, run_dbt

MASTER = "FENGQIAO_SPARK"
SHAPES = "shapes"  # a build file without rows: what DuckDB makes of each table
REACH_S = 5.0
_ZONES = "tag:l4"


class NoSpark(RuntimeError):
    """The cluster cannot be asked; one line for whoever set it up."""


def count(as_of: datetime, project: Path | None = None) -> DbtRun:
    """The day's dbt run: on Spark where a cluster is named, else in this process.

    Raises `NoSpark` before anything is done, and `DbtFailed`, which names the nodes or says what
    Spark said last.
    """
    master = os.environ.get(MASTER, "")
    if not master:
        return run_dbt(as_of, project=project)
    _reach(master)
    started = time.perf_counter()
    project = project or parsed.project()
    database = places.build() / f"{MAIN}.duckdb"
    folder = places.build() / "spark"
    folder.mkdir(parents=True, exist_ok=True)
    for part in ("warehouse", "made"):
        shutil.rmtree(folder / part, ignore_errors=True)
    declassified.ensure(database)
    with duck.connect(database, read_only=True) as con:
        sources = {schema: _laid_out(con, schema, folder) for schema in (LAKE, "declassified")}
        shapes = _shapes(con, as_of, project, folder)
    with duck.connect(shapes, read_only=True) as con:
        sources["seeds"] = _laid_out(con, "seeds", folder)
    made = {table: str(folder / "made" / table) for table in _tables(shapes)}
    job = {"master": master, "as_of": as_of.isoformat(), "project": str(project)}
    nodes = _asked(folder, {**job, "sources": sources, "wanted": made})
    _taken_over(database, shapes, made)
    views = run_dbt(as_of, "config.materialized:view", command="run", project=project)
    tests = run_dbt(as_of, "test_type:data", command="test", project=project)
    shutil.rmtree(folder / "made")
    everything = [*nodes, *views.nodes, *tests.nodes]
    return DbtRun("build", "spark", time.perf_counter() - started, True, everything)


def _reach(master: str) -> None:
    """Spark itself tries for a minute and then talks about its own insides."""
    if not re.fullmatch(r"spark://([^:,/]+):(\d+)(,[^:,/]+:\d+)*", master):
        raise NoSpark(f"{MASTER}={master}: spark://host:port (more of them after commas)")
    hosts = [h.rpartition(":") for h in master.removeprefix("spark://").split(",")]
    for host, _, port in hosts:
        with suppress(OSError), socket.create_connection((host, int(port)), REACH_S):
            return
    raise NoSpark(f"{MASTER}: {master} does not answer")


def _laid_out(con: duckdb.DuckDBPyConnection, schema: str, folder: Path) -> dict[str, str]:
    """A folder of Parquet for every table that the models read, by its name.

    A view of the lake names its files, so the same words mean the same rows: not written again.
    """
    con.execute("SET TimeZone = 'UTC'")
    there = con.execute(
        "select table_name, null from duckdb_tables() where schema_name = $1"
        " union all select view_name, sql from duckdb_views() where schema_name = $1",
        [schema],
    ).fetchall()
    found = {}
    for name, words in there:
        known = hashlib.sha256(str(words).encode()).hexdigest()[:16] if words else "now"
        place = folder / schema / name / known
        if not (words and place.exists()):
            shutil.rmtree(place.parent, ignore_errors=True)
            begun = folder / schema / f".{name}"
            shutil.rmtree(begun, ignore_errors=True)
            begun.mkdir(parents=True)
            con.execute(f"copy {schema}.\"{name}\" to '{begun / 'part.parquet'}' (format parquet)")
            place.parent.mkdir()
            begun.rename(place)
        found[name] = str(place)
    return found


def _shapes(con: duckdb.DuckDBPyConnection, as_of: datetime, project: Path, folder: Path) -> Path:
    """The project run on a lake without rows: the names and types of its tables on DuckDB."""
    database, mark = places.build() / f"{SHAPES}.duckdb", folder / "shapes.txt"
    columns = con.execute(
        "select table_schema, table_name, column_name, data_type from information_schema.columns"
        f" where table_schema = '{LAKE}' order by all"
    ).fetchall()
    known = [parsed.fingerprint(project, "duckdb"), seeds.seeds_hash(project), repr(columns)]
    wanted = hashlib.sha256("\n".join(known).encode()).hexdigest()
    if database.exists() and mark.exists() and mark.read_text() == wanted:
        return database
    for file in (database, database.with_name(f"{database.name}.wal")):
        file.unlink(missing_ok=True)
    tables: dict[str, list[str]] = {}
    for _, table, column, kind in columns:
        tables.setdefault(table, []).append(f'"{column}" {kind}')
    declassified.ensure(database)
    with duckdb.connect(str(database)) as empty:
        empty.execute(f"create schema {LAKE}")
        for table, body in tables.items():
            empty.execute(f'create table {LAKE}."{table}" ({", ".join(body)})')
    run_dbt(
        as_of,
        command="run",
        project=project,
        exclude=[_ZONES],
        build_name=SHAPES,
        full_refresh=True,
    )
    write_whole(mark, wanted.encode())
    return database


def _tables(shapes: Path) -> list[str]:
    """What dbt stores as a table on DuckDB; its views are made again, from these."""
    with duckdb.connect(str(shapes), read_only=True) as con:
        found = con.execute(
            "select schema_name || '.' || table_name from duckdb_tables()"
            " where schema_name = 'marts' order by all"
        ).fetchall()
    return [name for (name,) in found]


def _asked(folder: Path, job: dict[str, object]) -> list[NodeResult]:
    """Let the child do it; what became of each model."""
    write_whole(folder / "job.json", json.dumps(job).encode())
    (folder / "done.json").unlink(missing_ok=True)
    command = [sys.executable, "-W", "ignore", "-m", "orchestration.transform.on_spark"]
    child = subprocess.run(
        [*command, str(folder)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        errors="replace",
    )
    (folder / "spark.log").write_text(child.stderr, "utf-8")
    done = folder / "done.json"
    if not done.exists():
        last = (child.stderr.strip().splitlines() or ["it said nothing"])[-1]
        reason = f"Spark at {job['master']} did not count ({folder / 'spark.log'}): {last}"
        raise DbtFailed(DbtRun("run", "spark", 0.0, False), reason)
    said = json.loads(done.read_text("utf-8"))
    if not said["ok"]:
        raise DbtFailed(DbtRun("run", "spark", 0.0, False), said["said"])
    return [NodeResult(**node) for node in said["nodes"]]


def _taken_over(database: Path, shapes: Path, made: dict[str, str]) -> None:
    """Spark's rows in tables of DuckDB's types, all of them or none."""
    with duckdb.connect(str(database)) as con:
        con.execute("SET TimeZone = 'UTC'")
        con.execute(f"attach '{shapes}' as {SHAPES} (read_only)")
        con.execute("create schema if not exists marts")
        con.execute("begin")
        for table, place in made.items():
            con.execute(f"create or replace table {table} as from {SHAPES}.{table} limit 0")
            con.execute(f"insert into {table} by name from read_parquet('{place}/*.parquet')")
        con.execute("commit")
