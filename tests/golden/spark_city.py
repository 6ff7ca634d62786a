"""The same golden city in a Spark session of this process (local[2], no Hive, no web page)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl

from tests.golden.city import HERE, columns, expression, given, tables


def session(warehouse: Path) -> Any:
    """A small session whose catalog lives in memory; dbt-spark finds it with getOrCreate."""
    from pyspark.sql import SparkSession

    return (
        SparkSession.builder.master("local[2]")
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
        .getOrCreate()
    )


def fill_spark(spark: Any) -> None:
    """Make database `lake` with the same tables as `city.fill_duckdb`."""
    spark.sql("create database if not exists lake")
    for table in tables():
        raw = spark.read.csv(
            str(HERE / "lake" / f"{table}.csv"),
            header=True,
            schema=", ".join(f"`{name}` string" for name in given(table)),
        )
        instant = "to_utc_timestamp(cast({column} as timestamp), 'Asia/Shanghai')"
        casts = [expression(table, name, instant) for name in columns(table)]
        raw.selectExpr(*casts).write.mode("overwrite").saveAsTable(f"lake.{table}")


def collect(spark: Any, table: str, columns: list[str]) -> pl.DataFrame:
    """A Spark table as polars, through Arrow, with its types unchanged."""
    frame = spark.table(table).select(*columns).toArrow()
    return pl.DataFrame(pl.from_arrow(frame))
