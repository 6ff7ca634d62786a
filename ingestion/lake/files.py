"""Data files of a Delta table: written here, committed by delta-rs in one transaction.

`write_deltalake` plans a query and looks at every file of the table for each write: 14 ms of CPU
for a table of ten files, 90 ms for one of four hundred. A delivery knows which rows go where, so it
writes the files itself and hands over the actions: 10 ms however many files there are. A file that
no commit names is garbage for the weekly care: a kill between the two leaves the table as it was.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any
from urllib.parse import unquote
from uuid import uuid4

import polars as pl
from deltalake import CommitProperties, DeltaTable
from deltalake.transaction import AddAction, RemoveAction

from ingestion import store
from ingestion.lake import damage
from ingestion.store import Location

# Longer texts get no statistics: a shortened maximum would be a wrong one.
MOST_STAT_CHARS = 64
NO_VALUE = "__HIVE_DEFAULT_PARTITION__"
# A table is created, widened and given a property before the commit that needed it.
COMMITS_OF_OPENING = 2
_ORDERED = (pl.String, pl.Date, pl.Int32, pl.Int64)


def write(table: DeltaTable, frame: pl.DataFrame, partition: str | None) -> list[AddAction]:
    """Write the rows into new files, one per value of the partition column, in their order."""
    if not frame.height:
        return []
    root = store.of(table.table_uri)
    if partition is None:
        return [_file(root, {}, frame)]
    parts = frame.partition_by(partition, as_dict=True, maintain_order=True, include_key=False)
    return [_file(root, {partition: value}, part) for (value,), part in parts.items()]


def _file(root: Location, values: dict[str, str | None], frame: pl.DataFrame) -> AddAction:
    folder = "/".join(f"{name}={NO_VALUE if v is None else v}" for name, v in values.items())
    name = f"part-{uuid4()}.zstd.parquet"
    relative = f"{folder}/{name}" if folder else name
    size_bytes, moment_ms = (root / relative).put(frame)  # before a commit says so
    told = json.dumps(statistics(frame))
    return AddAction(relative, size_bytes, values, moment_ms, True, told)


def statistics(frame: pl.DataFrame) -> dict[str, Any]:
    """Counts, least and greatest values of a file, as the Delta protocol states them.

    Numbers, texts, dates and moments only; all-null columns have no least value.
    """
    low, high, nulls = {}, {}, {}
    columns = [c for c, t in frame.schema.items() if t in _ORDERED or isinstance(t, pl.Datetime)]
    summary = frame.select(
        *(pl.col(c).min().alias(f"min {c}") for c in columns),
        *(pl.col(c).max().alias(f"max {c}") for c in columns),
        *(pl.col(c).null_count().alias(f"null {c}") for c in columns),
    ).row(0, named=True)
    for column in columns:
        nulls[column] = summary[f"null {column}"]
        least, most = summary[f"min {column}"], summary[f"max {column}"]
        if least is None:
            continue
        if isinstance(most, str) and max(len(least), len(most)) > MOST_STAT_CHARS:
            continue
        low[column], high[column] = _stated(least), _stated(most)
    return {
        "numRecords": frame.height, "minValues": low, "maxValues": high, "nullCount": nulls,
    }  # fmt: skip


def _stated(value: Any) -> Any:
    if isinstance(value, datetime):
        utc = value.astimezone(UTC).isoformat(timespec="microseconds")
        return utc.replace("+00:00", "Z")
    return value if isinstance(value, str | int) else value.isoformat()


def remove(
    paths: Iterable[str], actions: pl.DataFrame, partition: str | None, instead: list[AddAction]
) -> list[RemoveAction]:
    """Actions that take files out of the table, at the moment those in their place were written;
    `actions` is the table's flattened list of files."""
    moment_ms = max(added.modification_time for added in instead)
    chosen = actions.filter(pl.col("path").is_in(list(paths)))
    gone = []
    for row in chosen.iter_rows(named=True):
        values = {partition: row[f"partition.{partition}"]} if partition else {}
        gone.append(RemoveAction(row["path"], True, moment_ms, row["size_bytes"], values))
    return gone


def commit(
    table: DeltaTable,
    added: list[AddAction],
    removed: list[RemoveAction],
    partition: str | None,
    marks: CommitProperties | None,
) -> None:
    """One transaction: these files come, those go. The next `tables.opened` sees it."""
    by, before = [partition] if partition else [], table.version()
    table.create_write_transaction(
        [*removed, *added], "append", table.schema(), by, commit_properties=marks
    )
    settle_commits(table, before)


def settle_commits(table: DeltaTable, before: int, *, data: bool = False) -> None:
    """Bring the commits since version `before` to the disk; with `data` the files they add, too.

    delta-rs leaves that to the kernel. After a power cut an entry may then be there and be empty,
    although the receipt that followed it is on the disk. A store answers when it has it.
    """
    root = store.of(table.table_uri)
    if root.settled:
        return
    version = max(before - COMMITS_OF_OPENING, 0)
    while (seen := (file := damage.entry(root, version)).seen()) or version <= before:
        if seen:
            for path in _added(root, file) if data and version > before else ():
                path.settle()
            file.settle()
        version += 1
    (root / "_delta_log").settle()


def _added(root: Location, entry: Location) -> list[Location]:
    actions = [json.loads(line) for line in entry.read_bytes().decode("utf-8").splitlines()]
    return [root / unquote(a["add"]["path"]) for a in actions if "add" in a]
