"""The whole project counted by a Spark cluster and by DuckDB: whether all tables are equal.

    .venv/pipeline/bin/python -m benchmarks.spark [--executor-memory 2g]

Needs a loaded home (`make up`, or `FENGQIAO_HOME` of a city), Java, and requirements/spark.txt. A
master and two workers of one core each run on this machine, so the seconds say what Spark costs
here, not what a cluster saves. Ends with an error when a table differs.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Annotated, Any

import duckdb
import polars as pl
import typer
from polars import selectors
from polars.testing import assert_frame_equal

from benchmarks.counting import BUILD, ROOT, home_beside
from benchmarks.measure import measure
from benchmarks.report import machine
from benchmarks.spark_cluster import cluster

MADE = """
    select schema_name || '.' || table_name from duckdb_tables() where schema_name = 'marts'
    union all select schema_name || '.' || view_name from duckdb_views()
    where schema_name in ('marts', 'staging') order by all
"""
SETTINGS = """
spark.sql.shuffle.partitions 4
spark.ui.enabled false
spark.driver.host 127.0.0.1
spark.driver.bindAddress 127.0.0.1
spark.driver.memory {memory}
spark.executor.memory {memory}
"""


def plain(frame: pl.DataFrame) -> pl.DataFrame:
    """One width of numbers and one unit of time: the engines choose their own."""
    whole = selectors.integer()
    frame = frame.with_columns(whole.cast(pl.Int64), (selectors.numeric() - whole).cast(pl.Float64))
    moments = [c for c, t in frame.schema.items() if isinstance(t, pl.Datetime)]
    zoned = [c for c in moments if getattr(frame.schema[c], "time_zone", None)]
    return frame.with_columns(pl.col(zoned).dt.convert_time_zone("UTC")).with_columns(
        pl.col(moments).dt.replace_time_zone(None).cast(pl.Datetime("us"))
    )


def in_order(frame: pl.DataFrame) -> pl.DataFrame:
    """Rows by everything exact before everything that is a double."""
    frame = plain(frame)
    doubles = [c for c, t in frame.schema.items() if t.is_float()]
    return frame.sort([c for c in frame.columns if c not in doubles] + doubles)


def unequal(there: pl.DataFrame, here: pl.DataFrame) -> str:
    """In what two tables differ, if they do: doubles to 1e-9, the rest to the last letter."""
    try:
        found, expected = in_order(there.select(here.columns)), in_order(here)
        assert_frame_equal(found, expected, abs_tol=1e-9, rel_tol=1e-9)
    except (AssertionError, pl.exceptions.ColumnNotFoundError) as error:
        return str(error)
    return ""


def different(there: Path, here: Path) -> dict[str, str]:
    """The tables and views of two build files that are not equal, types included, and in what."""
    found: dict[str, str] = {}
    with (
        duckdb.connect(str(there), read_only=True) as theirs,
        duckdb.connect(str(here), read_only=True) as ours,
    ):
        for con in (theirs, ours):
            con.execute("set TimeZone = 'UTC'")
        names = [[n for (n,) in c.execute(MADE).fetchall()] for c in (theirs, ours)]
        if names[0] != names[1]:
            return {"tables": f"{sorted({*names[0]} ^ {*names[1]})} are only in one"}
        for name in names[0]:
            one, other = (con.execute(f"from {name}").pl() for con in (theirs, ours))
            if one.schema != other.schema:
                found[name] = f"{one.schema} is not {other.schema}"
            elif difference := unequal(one, other):
                found[name] = difference
    return found


def part() -> None:
    """Count everything in the home of this process."""
    from ingestion import clock, places
    from orchestration.run.day import register_lake
    from orchestration.transform import count, run_zones

    as_of = clock.as_of()
    (places.build() / BUILD).unlink()
    run_zones(as_of)
    register_lake(as_of)

    def work() -> None:
        count(as_of)

    measure(work, lambda: rows(places.build() / BUILD), ("duckdb", "pyspark", "dbt-spark"))


def rows(file: Path) -> int:
    """Rows of all feeds that the models read."""
    with duckdb.connect(str(file), read_only=True) as con:
        names = con.execute("select view_name from duckdb_views() where schema_name = 'lake'")
        counts = [f'select count(*) as n from lake."{name}"' for (name,) in names.fetchall()]
        found = con.execute(f"select sum(n) from ({' union all '.join(counts)})").fetchone()
    return int(found[0]) if found else 0


def child(home: Path, **more: str) -> dict[str, Any]:
    """What one way of counting took."""
    command = [sys.executable, "-W", "ignore", "-m", "benchmarks.spark", "--part"]
    environment = {**os.environ, "FENGQIAO_HOME": str(home), **more}
    done = subprocess.run(command, env=environment, cwd=ROOT, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(done.stderr[-4000:])
    taken: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return taken


def main(
    executor_memory: Annotated[str, typer.Option()] = "2g",
    part_only: Annotated[bool, typer.Option("--part", hidden=True)] = False,
) -> None:
    """Count twice, compare, and print JSON."""
    if part_only:
        part()
        return
    about = machine(ROOT)
    with tempfile.TemporaryDirectory(prefix="fengqiao-spark-") as made:
        folder = Path(made)
        homes = {}
        for name in ("here", "there"):
            (folder / name).mkdir()
            homes[name] = home_beside(folder / name)
        (folder / "spark-defaults.conf").write_text(SETTINGS.format(memory=executor_memory))
        taken = {"duckdb": child(homes["here"], FENGQIAO_SPARK="")}
        with cluster(folder / "cluster", memory=executor_memory) as master:
            taken["spark"] = child(
                homes["there"], FENGQIAO_SPARK=master, SPARK_CONF_DIR=str(folder)
            )
        differ = different(homes["there"] / "build" / BUILD, homes["here"] / "build" / BUILD)
    if differ:
        raise SystemExit("\n".join(f"{name}: {why}" for name, why in differ.items()))
    times = round(taken["spark"]["seconds"] / taken["duckdb"]["seconds"], 2)
    print(json.dumps({"machine": about, **taken, "times": times, "equal": True}, indent=2))


if __name__ == "__main__":
    typer.run(main)
