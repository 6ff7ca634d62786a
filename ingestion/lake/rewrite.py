"""Which files a change touches, and what stands in their place.

Copy on write: a large file that holds a changed row is replaced by one of its own; small ones flow
together with what is new, month by month, so that a table has few files without a row being written
more often than needed. No merge: what the delivery means for the table was decided before
(`merge.py`), with the file of every stored row it changes.
"""

from __future__ import annotations

import polars as pl
from deltalake import CommitProperties, DeltaTable

from ingestion.contract.model import Contract
from ingestion.lake import files, lookup
from ingestion.lake.merge import HOME, Change
from ingestion.lake.tables import MONTH, feed_schema

SMALL = 20_000  # rows: a file below may flow together with others
MOST_SMALL = 12  # small files of one month that nothing touches, before they do


class ChangedMeanwhile(RuntimeError):
    """A file that a change was planned on is not in the table any more."""


def apply(table: DeltaTable, contract: Contract, change: Change, marks: CommitProperties) -> None:
    """Write a change in one commit."""
    columns = list(feed_schema(contract))
    listed = lookup.actions(table)
    actions = listed.select("path", "num_records", month=f"partition.{MONTH}")
    homes = set(change.updates[HOME]) if change.updates.height else set()
    lost = homes - set(actions["path"])
    if lost:
        raise ChangedMeanwhile(f"{contract.table}: {len(lost)} planned files are gone")
    small = actions.filter(pl.col("num_records") <= SMALL)
    touched_small = small.filter(pl.col("path").is_in(list(homes)))
    large = sorted(homes - set(touched_small["path"]))

    added, removed = [], [*homes]
    staying = change.updates.filter(False)
    for path in large:
        mine = change.updates.filter(pl.col(HOME) == path)
        month = actions.filter(pl.col("path") == path)["month"][0]
        here = mine.filter(pl.col(MONTH) == month)
        staying = pl.concat([staying, here])
        rows = pl.concat([_kept(table, contract, [path], mine), here.select(columns)])
        added += files.write(table, _ordered(rows, contract), MONTH)
    moving = change.updates
    if staying.height:
        moving = moving.join(staying.select(contract.key), on=list(contract.key), how="anti")
    fresh = pl.concat([change.inserts.select(columns), moving.select(columns)])
    joined = set(touched_small["path"]) | _gathered(small, fresh, homes)
    removed += sorted(joined - homes)
    kept = _kept(table, contract, sorted(joined), change.updates)
    added += files.write(table, _ordered(pl.concat([kept, fresh]), contract), MONTH)
    gone = files.remove(removed, listed, MONTH, added)
    files.commit(table, added, gone, MONTH, marks)


def _gathered(small: pl.DataFrame, fresh: pl.DataFrame, homes: set[str]) -> set[str]:
    """Small files nothing touches, of months that get new rows and have too many of them."""
    months = fresh[MONTH].unique().to_list()
    others = small.filter(pl.col("month").is_in(months) & ~pl.col("path").is_in(list(homes)))
    many = others.group_by("month").len().filter(pl.col("len") >= MOST_SMALL)["month"]
    return set(others.filter(pl.col("month").is_in(many.to_list()))["path"])


def _kept(
    table: DeltaTable, contract: Contract, paths: list[str], changed: pl.DataFrame
) -> pl.DataFrame:
    """The rows of files but those whose key is changed."""
    stored = lookup.scan(table, contract, paths)
    if changed.height:
        keys = changed.select(contract.key).lazy()
        stored = stored.join(keys, on=list(contract.key), how="anti", nulls_equal=False)
    return stored.select(list(feed_schema(contract))).collect()


def _ordered(rows: pl.DataFrame, contract: Contract) -> pl.DataFrame:
    return rows.sort(*(contract.key or ("_source_row",)))
