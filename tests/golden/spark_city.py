"""The same golden city on a Spark standalone cluster (no Hive).

`python -m tests.golden.spark_city MASTER PROJECT FOLDER TABLE…` runs it and leaves each table as
Parquet in the folder. A process of its own: pyspark forks to start its JVM, and a process that
has DuckDB's arenas mapped is too large to be forked on a small machine.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import polars as pl

from orchestration.transform import run_dbt
from tests.golden.city import AS_OF, ZONED, columns, expression, file_of, given, tables

_JAVA = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"


def session(warehouse: Path, master: str) -> Any:
    """A small session whose catalog lives in memory; dbt-spark finds it with getOrCreate."""
    from pyspark.sql import SparkSession

    return (
        SparkSession.builder.master(master)
        .appName("golden")
        .config("spark.sql.catalogImplementation", "in-memory")
        .config("spark.sql.warehouse.dir", str(warehouse))
        .config("spark.sql.session.timeZone", "UTC")
        .config("spark.sql.shuffle.partitions", "1")
        .config("spark.default.parallelism", "1")
        .config("spark.sql.sources.partitionOverwriteMode", "dynamic")
        .config("spark.sql.sources.default", "parquet")
        .config("spark.ui.enabled", "false")
        .config("spark.driver.memory", "1g")
        .config("spark.driver.host", "127.0.0.1")
        .config("spark.driver.bindAddress", "127.0.0.1")
        .config("spark.sql.adaptive.enabled", "false")
        .config("spark.ui.showConsoleProgress", "false")
        # A few rows through hundreds of models: compiling Java for each plan, and the optimising
        # compiler, cost many times what they save.
        .config("spark.sql.codegen.wholeStage", "false")
        .config("spark.sql.codegen.factoryMode", "NO_CODEGEN")
        .config("spark.driver.extraJavaOptions", _JAVA)
        .config("spark.executor.extraJavaOptions", _JAVA)
        .config("spark.executor.memory", "768m")
        .getOrCreate()
    )


def fill_spark(spark: Any) -> None:
    """Make database `lake` with the same tables as `city.fill_duckdb`."""
    spark.sql("create database if not exists lake")
    for table in [*tables(), *(table for zone in ZONED for table in tables(zone))]:
        path = file_of(table)
        if path is None:
            raw = spark.range(0)
        else:
            schema = ", ".join(f"`{name}` string" for name in given(table))
            raw = spark.read.csv(str(path), header=True, schema=schema)
        instant = "to_utc_timestamp(cast({column} as timestamp), 'Asia/Shanghai')"
        casts = [expression(table, name, instant) for name in columns(table)]
        raw.selectExpr(*casts).write.mode("overwrite").saveAsTable(f"lake.{table}")


def run_spark(spark: Any, project: Path) -> None:
    """The zones, what leaves them, and the main run, in one catalog (DuckDB has three files).

    Spark keeps nothing in a file of its own, so what the run of a zone may see is not tested here.
    """
    for zone in ZONED:
        run_dbt(
            AS_OF,
            select=[f"+tag:zone_{zone}"],
            project=project,
            target="spark",
            command="run",
            build_name=f"l4-{zone}",
        )
    spark.sql("create database if not exists declassified")
    cells = " union all ".join(f"select * from l4.declassified_{zone}" for zone in ZONED)
    spark.sql(f"create table declassified.zone_counts as {cells}")
    run_dbt(AS_OF, project=project, target="spark", command="run")


def main(master: str, project: str, folder: str, *tables_wanted: str) -> None:
    """The whole city on that cluster; Parquet through Arrow, with types unchanged."""
    spark = session(Path(folder) / "warehouse", master)
    try:
        assert spark.sparkContext.master == master
        fill_spark(spark)
        run_spark(spark, Path(project))
        for table in tables_wanted:
            frame = pl.DataFrame(pl.from_arrow(spark.table(table).toArrow()))
            frame.write_parquet(Path(folder) / f"{table}.parquet")
    finally:
        spark.stop()


if __name__ == "__main__":
    main(*sys.argv[1:])
