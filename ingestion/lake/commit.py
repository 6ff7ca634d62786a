"""Exactly once: each commit carries the ids of its deliveries as Delta transactions.

A re-run asks the table whether it has seen an id, skips what is committed, and reads the
counts back from the commit, so that a receipt can always be derived.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, replace

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
from ingestion.lake.uncommitted import Uncommitted

COUNTS_KEY = "fengqiao.counts"
WRITER = WriterProperties(compression="ZSTD", compression_level=1)
# A snapshot that would take away more than this is more likely cut off than right.
LEAST_VANISHED, MOST_VANISHED_SHARE = 20, 0.2


class ShrunkError(Exception):
    """A snapshot that lacks too many of the stored rows; nothing was written."""

    def __init__(self, gone: int, live: int) -> None:
        super().__init__(f"{gone} of {live} stored rows are not in the snapshot")
        self.gone, self.live = gone, live


def properties(deliveries: Iterable[str], **metadata: str) -> CommitProperties:
    """Commit properties that carry the transactions of deliveries."""
    ids = list(deliveries)
    return CommitProperties(
        custom_metadata={"fengqiao.delivery": " ".join(ids), **metadata},
        app_transactions=[Transaction(delivery_id, 1) for delivery_id in ids],
    )


def seen(table: DeltaTable, delivery_id: str) -> bool:
    """Whether the table holds this delivery's commit."""
    return table.transaction_version(delivery_id) is not None


def committed_counts(table: DeltaTable, delivery_id: str) -> Counts:
    """The counts that the delivery's data commit recorded."""
    for entry in table.history():
        if COUNTS_KEY in entry and delivery_id in entry.get("fengqiao.delivery", "").split():
            told = json.loads(entry[COUNTS_KEY])
            # A release before this one wrote the counts of the one delivery of a commit.
            return Counts(**told.get(delivery_id, told))
    raise RuntimeError(f"{delivery_id}: committed, but its counts are gone from the history")


def plan(
    contract: Contract,
    table: lookup.Stored,
    rows: pl.DataFrame,
    spared: pl.DataFrame | None = None,
    before: Uncommitted | None = None,
) -> Change:
    """What `rows` would do to the table after what is uncommitted `before`; writes nothing.

    `spared`: for a snapshot, the keys of its refused rows (merge.vanished).
    """
    before = before or Uncommitted(contract)
    keyed, bare = split_by_key(contract, rows)
    stored = before.over(lookup.by_key(table, contract, keyed), keyed)
    change = keyed_change(contract, keyed, stored)
    if contract.snapshot:
        live = lookup.alive(before.over(lookup.live(table, contract)))
        change = _with_vanished(contract, live, keyed, change, spared)
    if bare.height:
        beside = before.beside(lookup.keyless(table, contract, bare))
        change = add(change, keyless_change(contract, bare, beside))
    return change


def _with_vanished(
    contract: Contract,
    live: pl.DataFrame,
    rows: pl.DataFrame,
    change: Change,
    spared: pl.DataFrame | None,
) -> Change:
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


def keep_versions(contract: Contract, held: Uncommitted) -> None:
    """Append what deliveries said anew to the feed's history, each once."""
    if not any(versions.height for versions in held.versions.values()):
        return
    table = open_history(contract)
    new = [i for i, versions in held.versions.items() if versions.height and not seen(table, i)]
    if new:
        rows = pl.concat([held.versions[i].select(list(feed_schema(contract))) for i in new])
        files.commit(table, files.write(table, rows, None), [], None, properties(new))


def commit(contract: Contract, held: Uncommitted) -> None:
    """Write what deliveries change in one atomic commit. None of them is in the table yet."""
    change = held.whole()
    if not change.updates.height and not change.inserts.height:
        return
    table = open_feed(contract)
    told = json.dumps({i: asdict(counts) for i, counts in held.counts.items()})
    marks = properties(held.counts, **{COUNTS_KEY: told})
    if contract.duplicate_policy == "append":
        files.commit(table, files.write(table, change.inserts, MONTH), [], MONTH, marks)
    else:
        rewrite.apply(table, contract, change, marks)


def _views(frame: pl.DataFrame) -> pa.Table:
    return frame.to_arrow(compat_level=pl.CompatLevel.newest())


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
            commit_properties=properties([delivery_id]),
        )
    except BaseException:
        if failure:
            raise failure[0] from None
        raise
    files.settle_commits(table, before, data=True)
    return rows_n
