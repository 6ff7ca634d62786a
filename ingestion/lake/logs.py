"""The logs the platform writes itself: O01 deliveries, O02 tests, quarantine.

Rows are added, never changed; only a test run again at the same moment of the clock is stated anew.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

import polars as pl
import pyarrow as pa
from deltalake import DeltaTable
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
    scan,
)

# One file an entry: reading hundreds of them costs more than what is read.
MOST_FILES = 128
TRIES = 5
MANY_DELIVERIES = 8
_coming: dict[str, list[list[dict[str, Any]]]] = {}
_last: dict[str, tuple[tuple[DeltaTable, int, dict[str, Any]], pl.DataFrame]] = {}
Rows = TypeVar("Rows", pl.DataFrame, pl.LazyFrame)


def append_log(name: str, rows: pl.DataFrame | pa.Table, transaction: str | None = None) -> None:
    """Append rows to a log; with a transaction id, once only however often it is called."""
    table = open_log(name)
    if transaction is not None and seen(table, transaction):
        return
    frame = rows if isinstance(rows, pl.DataFrame) else pl.DataFrame(pl.from_arrow(rows))
    _append(name, table, frame, [transaction] if transaction else [])


def append_deliveries(name: str, rows: pl.DataFrame) -> None:
    """Append the rows of several deliveries (`delivery_id`) in one commit, each once only."""
    if not rows.height:
        return
    table = open_log(name)
    ids = rows["delivery_id"].unique(maintain_order=True).to_list()
    known = _logged(name, table, ids)
    new = [delivery_id for delivery_id in ids if delivery_id not in known]
    if new:
        _append(name, table, rows.filter(pl.col("delivery_id").is_in(new)), new)


def _logged(name: str, table: DeltaTable, ids: list[str]) -> set[str]:
    """Which of the deliveries have rows in the log. Of few its head is asked, which reads all its
    entries for each; of many its rows, once."""
    if len(ids) < MANY_DELIVERIES or not table.version():
        return {delivery_id for delivery_id in ids if seen(table, delivery_id)}
    found = scan(log_path(name), table).filter(pl.col("delivery_id").is_in(ids))
    return set(found.select("delivery_id").unique().collect().to_series())


def _as_stored(name: str, rows: pl.DataFrame) -> pl.DataFrame:
    return rows.select(pl.col(c).cast(t) for c, t in LOGS[name].items())


def _append(name: str, table: DeltaTable, rows: pl.DataFrame, transactions: list[str]) -> None:
    by = PARTITIONED.get(name)
    marks = properties(transactions) if transactions else None
    written = files.write(table, _as_stored(name, rows), by)
    for left in reversed(range(TRIES)):
        try:
            files.commit(table, written, [], by, marks)
        except CommitFailedError:
            # Several workers make a log at once: a second making is a change of its metadata, over
            # which a commit on the first fails. The rows are written and wait for the next try.
            if not left:
                raise
            table = open_log(name)
            if transactions and seen(table, transactions[0]):
                return
        else:
            return


@contextmanager
def announced(name: str) -> Iterator[list[dict[str, Any]]]:
    """Rows put into the list are read as if they were in the log, by this process, until the end.

    For deliveries that end together: what asks the log before the next of them sees them.
    """
    coming: list[dict[str, Any]] = []
    _coming.setdefault(name, []).append(coming)
    try:
        yield coming
    finally:
        _coming[name] = [held for held in _coming[name] if held is not coming]


def restate_log(name: str, rows: pl.DataFrame, key: str, moment: str) -> None:
    """Append rows, or put them in the place of those that bear the same key at the same `moment`
    (a column; one value in `rows`). In one commit, and the same rows again change nothing."""
    (when,) = rows[moment].unique().to_list()
    stated = read_log(name, **{moment: when})
    kept = stated.join(rows, on=key, how="anti")
    if kept.height == stated.height:
        append_log(name, rows)
        return
    frame = _as_stored(name, rows)
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
    stored = _read(name, equal)
    coming = [row for held in _coming.get(name, []) for row in held]
    if not coming:
        return stored
    return pl.concat([stored, _chosen(pl.DataFrame(coming, schema=LOGS[name]), equal)])


def _read(name: str, equal: dict[str, Any]) -> pl.DataFrame:
    path = log_path(name)
    if not exists(path):
        return pl.DataFrame(schema=LOGS[name])
    table = opened(path)
    asked = (table, table.version(), equal)
    # The same question to the same version: connectors ask it before each of their deliveries.
    if (last := _last.get(name)) and last[0][0] is table and last[0][1:] == asked[1:]:
        return last[1]
    answer = _chosen(scan(path, table).select(list(LOGS[name])), equal).collect()
    _last[name] = (asked, answer)
    return answer


def _chosen(rows: Rows, equal: dict[str, Any]) -> Rows:
    for column, value in equal.items():
        rows = rows.filter(pl.col(column) == value)
    return rows


def read_once(name: str, transaction: str, **equal: Any) -> pl.DataFrame:
    """The rows that were appended under a transaction, filtered; empty when it is not there yet.

    The head of the log says so without any of its files: one of them an entry, some hundred.
    """
    path = log_path(name)
    if not exists(path) or not seen(opened(path), transaction):
        return pl.DataFrame(schema=LOGS[name])
    return read_log(name, **equal)


class OfFeed:
    """Rows of a log by delivery, while nobody adds any of this feed.

    The first time the head of the log is asked, which reads all its entries to answer; for
    deliveries after it the feed's ids are kept.
    """

    def __init__(self, name: str, feed_code: str) -> None:
        self._name, self._feed_code = name, feed_code
        self._asked_n = 0
        self._ids: frozenset[str] = frozenset()

    def rows_of(self, delivery_id: str) -> pl.DataFrame:
        """The rows of a delivery; none when it is not there."""
        self._asked_n += 1
        if self._asked_n == 2:
            self._ids = frozenset(read_log(self._name, feed_code=self._feed_code)["delivery_id"])
        if self._asked_n > 1 and delivery_id not in self._ids:
            return pl.DataFrame(schema=LOGS[self._name])
        return read_once(self._name, delivery_id, delivery_id=delivery_id)


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
