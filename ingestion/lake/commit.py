"""Exactly once: each commit of a delivery carries the delivery's id as Delta transaction.

A re-run asks the table whether it has seen the id, skips what is committed, and reads the
counts back from the commit, so that a receipt can always be derived.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import asdict, replace
from itertools import chain

import polars as pl
import pyarrow as pa
from deltalake import CommitProperties, DeltaTable, Transaction, WriterProperties, write_deltalake

from ingestion.contract.model import Contract
from ingestion.lake import files, lookup, rewrite
from ingestion.lake.ahead import ahead
from ingestion.lake.merge import (
    Change,
    Counts,
    add,
    keyed_change,
    keyless_change,
    split_by_key,
    vanished,
)
from ingestion.lake.tables import MONTH, feed_schema, open_feed, open_history

COUNTS_KEY = "fengqiao.counts"
# More than this is not held in memory.
STREAMED_ROWS = 100_000
WRITER = WriterProperties(compression="ZSTD", compression_level=1)
# A snapshot that would take away more than this is more likely cut off than right.
LEAST_VANISHED, MOST_VANISHED_SHARE = 20, 0.2


class ShrunkError(Exception):
    """A snapshot that lacks too many of the stored rows; nothing was written."""

    def __init__(self, gone: int, live: int) -> None:
        super().__init__(f"{gone} of {live} stored rows are not in the snapshot")
        self.gone, self.live = gone, live


def properties(delivery_id: str, **metadata: str) -> CommitProperties:
    """Commit properties that carry a delivery's transaction."""
    return CommitProperties(
        custom_metadata={"fengqiao.delivery": delivery_id, **metadata},
        app_transactions=[Transaction(delivery_id, 1)],
    )


def seen(table: DeltaTable, delivery_id: str) -> bool:
    """Whether the table holds this delivery's commit."""
    return table.transaction_version(delivery_id) is not None


def committed_counts(table: DeltaTable, delivery_id: str) -> Counts:
    """The counts that the delivery's data commit recorded."""
    for entry in table.history():
        if entry.get("fengqiao.delivery") == delivery_id and COUNTS_KEY in entry:
            return Counts(**json.loads(entry[COUNTS_KEY]))
    raise RuntimeError(f"{delivery_id}: committed, but its counts are gone from the history")


def plan(
    contract: Contract, table: DeltaTable, rows: pl.DataFrame, spared: pl.DataFrame | None = None
) -> Change:
    """What `rows` would do to the table; writes nothing.

    `spared`: for a snapshot, the keys of its refused rows (merge.vanished).
    """
    keyed, bare = split_by_key(contract, rows)
    change = keyed_change(contract, keyed, lookup.by_key(table, contract, keyed))
    if contract.snapshot:
        change = _with_vanished(contract, table, keyed, change, spared)
    if bare.height:
        stored = lookup.keyless(table, contract, bare)
        change = add(change, keyless_change(contract, bare, stored))
    return change


def _with_vanished(
    contract: Contract,
    table: DeltaTable,
    rows: pl.DataFrame,
    change: Change,
    spared: pl.DataFrame | None,
) -> Change:
    live = lookup.live(table, contract)
    if contract.snapshot == "period" and rows.height:
        live = live.filter(pl.col("_period_end") == rows["_period_end"][0])
    gone = vanished(contract, rows, live, spared)
    if gone.height > max(LEAST_VANISHED, MOST_VANISHED_SHARE * live.height):
        raise ShrunkError(gone.height, live.height)
    versions = change.versions if change.versions is not None else rows.clear()
    columns = rows.columns
    return replace(
        change,
        updates=pl.concat([change.updates, gone]),
        counts=replace(change.counts, vanished=gone.height),
        versions=pl.concat([versions, gone.select(columns)]),
    )


def plan_first(contract: Contract, rows: pl.DataFrame) -> Counts:
    """What `rows` would do to a table that is not there yet."""
    empty = pl.DataFrame(schema=lookup.located(contract))
    keyed, bare = split_by_key(contract, rows)
    change = keyed_change(contract, keyed, empty)
    return (add(change, keyless_change(contract, bare, empty)) if bare.height else change).counts


def keep_versions(contract: Contract, delivery_id: str, change: Change) -> None:
    """Append what a delivery said anew to the feed's history, once."""
    versions = change.versions
    if not contract.history or versions is None or not versions.height:
        return
    table = open_history(contract)
    if seen(table, delivery_id):
        return
    rows = versions.select(list(feed_schema(contract)))
    files.commit(table, files.write(table, rows, None), [], None, properties(delivery_id))


def _views(frame: pl.DataFrame) -> pa.Table:
    return frame.to_arrow(compat_level=pl.CompatLevel.newest())


def _taken(parts: Iterator[pl.DataFrame], most: int) -> tuple[list[pl.DataFrame], bool]:
    """Parts up to a number of rows, and whether those were all."""
    held, rows_n = [], 0
    for part in parts:
        held.append(part)
        rows_n += part.height
        if rows_n > most:
            return held, False
    return held, True


def append(
    contract: Contract,
    delivery_id: str,
    parts: Iterator[pl.DataFrame],
    before_commit: Callable[[], None],
) -> int:
    """Add rows (all columns of `feed_schema`) into one atomic commit; gives their number.

    `before_commit` is called when the last part has been taken and the commit is still to come.
    A failure of either leaves the table as it was.
    """
    table = open_feed(contract)
    done = seen(table, delivery_id)
    columns = list(feed_schema(contract))
    held, is_whole = _taken(parts, STREAMED_ROWS)
    if is_whole:
        before_commit()
        rows = pl.concat([part.select(columns) for part in held]) if held else None
        if rows is not None and rows.height and not done:
            marks = properties(delivery_id)
            files.commit(table, files.write(table, rows, MONTH), [], MONTH, marks)
        return rows.height if rows is not None else 0
    parts = chain(held, parts)
    rows_n = 0
    failure: list[BaseException] = []

    def batches() -> Iterator[pa.RecordBatch]:
        nonlocal rows_n
        try:
            for part in parts:
                rows_n += part.height
                if not done:
                    # Text as views, as polars holds it: a copy of 10 M rows costs a second.
                    yield from _views(part.select(columns)).to_batches()
            before_commit()
        except BaseException as error:
            failure.append(error)  # the engine between would give it another type
            raise

    stream = batches()
    if done:
        for _ in stream:
            pass
        return rows_n
    schema, before = _views(pl.DataFrame(schema=feed_schema(contract))).schema, table.version()
    try:
        write_deltalake(
            table,
            pa.RecordBatchReader.from_batches(schema, ahead(stream)),
            mode="append",
            writer_properties=WRITER,
            commit_properties=properties(delivery_id),
        )
    except BaseException:
        if failure:
            raise failure[0] from None
        raise
    files.settle_commits(table, before, data=True)
    return rows_n


def commit(contract: Contract, delivery_id: str, change: Change) -> Counts:
    """Write a delivery's change (all columns of `feed_schema`) in one atomic commit."""
    table = open_feed(contract)
    if seen(table, delivery_id):
        return committed_counts(table, delivery_id)
    if change.updates.height or change.inserts.height:
        marks = properties(delivery_id, **{COUNTS_KEY: json.dumps(asdict(change.counts))})
        rewrite.apply(table, contract, change, marks)
    return change.counts
