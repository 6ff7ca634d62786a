"""Stored rows that a delivery may meet, read from as few files as the log's statistics allow.

A file is skipped when no delivered key lies between its smallest and largest key; so a day's
delivery reads a day's files however long the history is, when keys follow time.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pyarrow as pa
from deltalake import DeltaTable

from ingestion.contract.model import Contract
from ingestion.lake.tables import MONTH, feed_schema

# Writers may shorten long strings in statistics; only this much of a key is compared.
STAT_CHARS = 24


def _shorten(values: pl.Series) -> pl.Series:
    return values.str.head(STAT_CHARS) if values.dtype == pl.String else values


def _actions(table: DeltaTable) -> pl.DataFrame:
    return pl.DataFrame(pl.from_arrow(pa.table(table.get_add_actions(flatten=True))))


def scan(table: DeltaTable, contract: Contract, paths: list[str]) -> pl.LazyFrame:
    """The named files of the table as one lazy frame, the partition column included."""
    schema = feed_schema(contract)
    if not paths:
        return pl.LazyFrame(schema=schema)
    root = table.table_uri.removeprefix("file://")
    return pl.scan_parquet(
        [str(Path(root) / p) for p in paths],
        hive_partitioning=True,
        hive_schema={MONTH: pl.String},
        missing_columns="insert",  # files older than a column
        schema={name: dtype for name, dtype in schema.items() if name != MONTH},
    ).select(list(schema))


def _meets(actions: pl.DataFrame, key: str, wanted: pl.Series) -> pl.Series:
    low, high = f"min.{key}", f"max.{key}"
    if low not in actions.columns:
        return pl.Series([True] * actions.height)
    keys = _shorten(wanted.unique()).unique().sort()
    lows, highs = _shorten(actions[low]), _shorten(actions[high])
    unknown = (lows.is_null() | highs.is_null()).to_numpy()
    first = keys.search_sorted(lows.fill_null(keys[0]), side="left").to_numpy()
    last = keys.search_sorted(highs.fill_null(keys[-1]), side="right").to_numpy()
    return pl.Series(np.asarray(last > first) | unknown)


def by_key(table: DeltaTable, contract: Contract, rows: pl.DataFrame) -> pl.DataFrame:
    """Stored rows with a key among those of `rows`."""
    actions = _actions(table)
    if not actions.height or not rows.height:
        return pl.DataFrame(schema=feed_schema(contract))
    key = list(contract.key)
    paths = actions.filter(_meets(actions, key[0], rows[key[0]]))["path"].to_list()
    keys = rows.select(key).unique()
    return scan(table, contract, paths).join(keys.lazy(), on=key, how="semi").collect()


def months(
    table: DeltaTable, contract: Contract, wanted: list[str], most: int
) -> pl.DataFrame | None:
    """Every stored row of the months, markers included; None where there are more than `most`."""
    actions = _actions(table)
    if not actions.height:
        return pl.DataFrame(schema=feed_schema(contract))
    chosen = actions.filter(pl.col(f"partition.{MONTH}").is_in(wanted))
    if int(chosen["num_records"].sum()) > most:
        return None
    return scan(table, contract, chosen["path"].to_list()).collect()


def live(table: DeltaTable, contract: Contract) -> pl.DataFrame:
    """All rows that are not deleted: for snapshots, which are small."""
    paths = _actions(table)["path"].to_list() if table.version() > 0 else []
    return scan(table, contract, paths).filter(~pl.col("_deleted").fill_null(False)).collect()


def keyless(table: DeltaTable, contract: Contract, rows: pl.DataFrame) -> pl.DataFrame:
    """Stored rows without a key in the months of `rows`."""
    actions = _actions(table)
    if not actions.height or not rows.height:
        return pl.DataFrame(schema=feed_schema(contract))
    months = rows[MONTH].unique().to_list()
    paths = actions.filter(pl.col(f"partition.{MONTH}").is_in(months))["path"].to_list()
    stored = scan(table, contract, paths)
    return stored.filter(pl.col("_occurrence").is_not_null()).collect()
