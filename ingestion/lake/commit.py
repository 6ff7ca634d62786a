"""Exactly once: each commit of a delivery carries the delivery's id as Delta transaction.

A re-run asks the table whether it has seen the id, skips what is committed, and reads the
counts back from the commit, so that a receipt can always be derived.
"""

from __future__ import annotations

import json
from dataclasses import asdict

import polars as pl
from deltalake import CommitProperties, DeltaTable, Transaction, WriterProperties, write_deltalake

from ingestion.contract.model import Contract
from ingestion.lake import lookup
from ingestion.lake.merge import Change, Counts, add, keyed_change, keyless_change, split_by_key
from ingestion.lake.tables import MONTH, arrow, feed_schema, open_feed

COUNTS_KEY = "fengqiao.counts"
WRITER = WriterProperties(compression="ZSTD", compression_level=3)


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


def plan(contract: Contract, table: DeltaTable, rows: pl.DataFrame) -> Change:
    """What `rows` would do to the table; writes nothing."""
    keyed, bare = split_by_key(contract, rows)
    change = keyed_change(contract, keyed, lookup.by_key(table, contract, keyed))
    if bare.height:
        stored = lookup.keyless(table, contract, bare)
        change = add(change, keyless_change(contract, bare, stored))
    return change


def plan_first(contract: Contract, rows: pl.DataFrame) -> Counts:
    """What `rows` would do to a table that is not there yet."""
    empty = pl.DataFrame(schema=feed_schema(contract))
    keyed, bare = split_by_key(contract, rows)
    change = keyed_change(contract, keyed, empty)
    return (add(change, keyless_change(contract, bare, empty)) if bare.height else change).counts


def commit(contract: Contract, delivery_id: str, rows: pl.DataFrame) -> Counts:
    """Merge a delivery's rows (all columns of `feed_schema`) in one atomic commit."""
    table = open_feed(contract)
    if seen(table, delivery_id):
        return committed_counts(table, delivery_id)
    change = plan(contract, table, rows)
    marks = properties(delivery_id, **{COUNTS_KEY: json.dumps(asdict(change.counts))})
    columns = list(feed_schema(contract))
    if change.updates.height:
        source = pl.concat([change.inserts, change.updates]).select(columns)
        months = sorted({*source[MONTH].unique().to_list(), *change.old_months})
        pruned = ", ".join(f"'{m}'" for m in months)
        equal = " AND ".join(f't."{k}" = s."{k}"' for k in contract.key)
        (
            table.merge(
                arrow(source),
                predicate=f"t.{MONTH} IN ({pruned}) AND {equal}",
                source_alias="s",
                target_alias="t",
                writer_properties=WRITER,
                commit_properties=marks,
            )
            .when_matched_update_all()
            .when_not_matched_insert_all()
            .execute()
        )
    elif change.inserts.height:
        write_deltalake(
            table,
            arrow(change.inserts.select(columns).sort(*(contract.key or ("_source_row",)))),
            mode="append",
            writer_properties=WRITER,
            commit_properties=marks,
        )
    return change.counts
