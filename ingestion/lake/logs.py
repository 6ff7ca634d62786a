"""The logs the platform writes itself: O01 deliveries, O02 tests, quarantine.

Rows are added, never changed; only a test run again at the same moment of the clock is stated anew.
"""

from __future__ import annotations

from typing import Any

import polars as pl
import pyarrow as pa
from deltalake.exceptions import CommitFailedError

from ingestion.lake import files
from ingestion.lake.commit import WRITER, properties, seen
from ingestion.lake.tables import (
    LOGS,
    PARTITIONED,
    arrow,
    exists,
    log_path,
    open_log,
    opened,
)

# One file an entry: reading hundreds of them costs more than what is read.
MOST_FILES = 128
TRIES = 5


def append_log(name: str, rows: pl.DataFrame | pa.Table, transaction: str | None = None) -> None:
    """Append rows to a log; with a transaction id, once only however often it is called."""
    table = open_log(name)
    if transaction is not None and seen(table, transaction):
        return
    frame = rows if isinstance(rows, pl.DataFrame) else pl.DataFrame(pl.from_arrow(rows))
    frame = frame.select(pl.col(c).cast(t) for c, t in LOGS[name].items())
    by = PARTITIONED.get(name)
    marks = properties(transaction) if transaction else None
    written = files.write(table, frame, by)
    for left in reversed(range(TRIES)):
        try:
            files.commit(table, written, [], by, marks)
        except CommitFailedError:
            # Several workers make a log at once: a second making is a change of its metadata, over
            # which a commit on the first fails. The rows are written and wait for the next try.
            if not left:
                raise
            table = open_log(name)
            if transaction is not None and seen(table, transaction):
                return
        else:
            return


def restate_log(name: str, rows: pl.DataFrame, key: str, moment: str) -> None:
    """Append rows, or put them in the place of those that bear the same key at the same `moment`
    (a column; one value in `rows`). In one commit, and the same rows again change nothing."""
    (when,) = rows[moment].unique().to_list()
    stated = read_log(name, **{moment: when})
    kept = stated.join(rows, on=key, how="anti")
    if kept.height == stated.height:
        append_log(name, rows)
        return
    frame = rows.select(pl.col(c).cast(t) for c, t in LOGS[name].items())
    if frame.join(stated, on=list(LOGS[name]), how="anti", nulls_equal=True).is_empty():
        return
    table = open_log(name)
    before = table.version()
    table.merge(
        arrow(frame),
        predicate=f"t.{key} = s.{key} and t.{moment} = s.{moment}",
        source_alias="s",
        target_alias="t",
        writer_properties=WRITER,
    ).when_matched_update_all().when_not_matched_insert_all().execute()
    files.settle_commits(table, before, data=True)


def read_log(name: str, **equal: Any) -> pl.DataFrame:
    """The rows of a log, filtered by equality; empty when nothing was logged yet."""
    path = log_path(name)
    if not exists(path):
        return pl.DataFrame(schema=LOGS[name])
    table = opened(path)
    frame = pl.scan_delta(table).select(list(LOGS[name]))
    for column, value in equal.items():
        frame = frame.filter(pl.col(column) == value)
    return frame.collect()


def read_once(name: str, transaction: str, **equal: Any) -> pl.DataFrame:
    """The rows that were appended under a transaction, filtered; empty when it is not there yet.

    The head of the log says so without any of its files: one of them an entry, some hundred.
    """
    path = log_path(name)
    if not exists(path) or not seen(opened(path), transaction):
        return pl.DataFrame(schema=LOGS[name])
    return read_log(name, **equal)


def tidy() -> None:
    """Make few files of many, in every log that has many.

    Only where nobody else writes: of two compactions at once, delta-rs 1.6 lets both pass, and
    every row is there twice (seen, not read about).
    """
    for name in LOGS:
        path = log_path(name)
        if exists(path):
            table = opened(path)
            if len(table.file_uris()) >= MOST_FILES:
                before = table.version()
                table.optimize.compact(writer_properties=WRITER)
                files.settle_commits(table, before, data=True)
