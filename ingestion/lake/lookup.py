"""Stored rows that a delivery may meet, read from as few files as the log's statistics allow.

A file is skipped when no delivered key lies between its smallest and largest key; so a day's
delivery reads a day's files however long the history is, when keys follow time.
"""

from __future__ import annotations

from functools import cached_property
from typing import Any

import numpy as np
import polars as pl
import pyarrow as pa
from deltalake import DeltaTable

from ingestion import store
from ingestion.contract.model import Contract
from ingestion.lake.merge import HOME
from ingestion.lake.tables import MONTH, feed_schema

# Writers may shorten long strings in statistics; only this much of a key is compared.
STAT_CHARS = 24


def _shorten(values: pl.Series) -> pl.Series:
    return values.str.head(STAT_CHARS) if values.dtype == pl.String else values


def actions(table: DeltaTable) -> pl.DataFrame:
    """The table's files: path, size_bytes, num_records, partition.*, min.*, max.*."""
    return pl.DataFrame(pl.from_arrow(pa.table(table.get_add_actions(flatten=True))))


def located(contract: Contract) -> dict[str, Any]:
    """The columns of a stored row and of its file."""
    return {**feed_schema(contract), HOME: pl.String}


def scan(table: DeltaTable, contract: Contract, paths: list[str]) -> pl.LazyFrame:
    """The named files of the table as one lazy frame, the partition column and each row's file
    (HOME, as the log names it) included."""
    schema = feed_schema(contract)
    if not paths:
        return pl.LazyFrame(schema=located(contract))
    root = store.of(table.table_uri)
    return pl.scan_parquet(
        [str(root / p) for p in paths],
        hive_partitioning=True,
        hive_schema={MONTH: pl.String},
        missing_columns="insert",  # files older than a column
        schema={name: dtype for name, dtype in schema.items() if name != MONTH},
        include_file_paths=HOME,
        storage_options=root.polars_options(),
    ).select(*schema, pl.col(HOME).str.strip_prefix(f"{root}/"))


class Stored:
    """A table of the lake as it was when it was opened, and its list of files read once."""

    def __init__(self, table: DeltaTable) -> None:
        self.table = table

    @cached_property
    def listed(self) -> pl.DataFrame:
        """The table's files, as `actions` gives them."""
        return actions(self.table)


def _meets(listed: pl.DataFrame, key: str, wanted: pl.Series) -> pl.Series:
    low, high = f"min.{key}", f"max.{key}"
    if low not in listed.columns:
        return pl.Series([True] * listed.height)
    keys = _shorten(wanted.unique()).unique().sort()
    lows, highs = _shorten(listed[low]), _shorten(listed[high])
    unknown = (lows.is_null() | highs.is_null()).to_numpy()
    first = keys.search_sorted(lows.fill_null(keys[0]), side="left").to_numpy()
    last = keys.search_sorted(highs.fill_null(keys[-1]), side="right").to_numpy()
    return pl.Series(np.asarray(last > first) | unknown)


def by_key(stored: Stored, contract: Contract, rows: pl.DataFrame) -> pl.DataFrame:
    """Stored rows with a key among those of `rows`."""
    listed = stored.listed
    if not listed.height or not rows.height:
        return pl.DataFrame(schema=located(contract))
    key = list(contract.key)
    paths = listed.filter(_meets(listed, key[0], rows[key[0]]))["path"].to_list()
    keys = rows.select(key).unique()
    return scan(stored.table, contract, paths).join(keys.lazy(), on=key, how="semi").collect()


def live(stored: Stored, contract: Contract) -> pl.DataFrame:
    """All rows that are not deleted: for snapshots, which are small."""
    paths = stored.listed["path"].to_list() if stored.table.version() > 0 else []
    return alive(scan(stored.table, contract, paths).collect())


def alive(rows: pl.DataFrame) -> pl.DataFrame:
    """The rows that are not deleted."""
    return rows.filter(~pl.col("_deleted").fill_null(False))


def keyless(stored: Stored, contract: Contract, rows: pl.DataFrame) -> pl.DataFrame:
    """Stored rows without a key in the months of `rows`."""
    listed = stored.listed
    if not listed.height or not rows.height:
        return pl.DataFrame(schema=located(contract))
    months = rows[MONTH].unique().to_list()
    paths = listed.filter(pl.col(f"partition.{MONTH}").is_in(months))["path"].to_list()
    found = scan(stored.table, contract, paths)
    return found.filter(pl.col("_occurrence").is_not_null()).collect()
