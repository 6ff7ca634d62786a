"""The lake's tables: where each lies, its schema, and the columns every row carries.

`lake/conformed/<table>` one per feed, partitioned by `_month` of the event (local time);
`lake/history/<table>` every accepted version of a feed that keeps them; `lake/ops/<log>` for
the logs the platform writes itself. A feed of an L4 zone lies under `lake-l4/<zone>/` instead.
"""

from __future__ import annotations

import re
from contextlib import suppress
from typing import Any

import polars as pl
import pyarrow as pa
from deltalake import DeltaTable, Schema
from deltalake.exceptions import CommitFailedError, DeltaError

from ingestion import places
from ingestion.contract.model import BANDED, TOKENISED, Contract, Field
from ingestion.lake import damage
from ingestion.store import Location, Seen

MONTH = "_month"
# What a row carries beside its content. `_loaded_at` is run metadata: two runs over the same
# deliveries agree in every other column.
ROW_META: dict[str, Any] = {
    "_delivery_id": pl.String,
    "_source_row": pl.Int64,
    "_valid_from": pl.Datetime("us", "UTC"),  # the source's time of this version
    "_period_end": pl.Date,  # last day of the delivery's declared period
    "_occurrence": pl.Int32,  # 1, 2, … among identical rows of a feed without a key
    "_warnings": pl.String,  # names of the warning rules the row breaks, comma separated
    "_deleted": pl.Boolean,  # a tombstone: the key was deleted in this version, content is gone
    "_loaded_at": pl.Datetime("us", "UTC"),
    MONTH: pl.String,
}
RUN_METADATA = ("_loaded_at",)
QUARANTINE: dict[str, Any] = {
    "feed_code": pl.String,
    "delivery_id": pl.String,
    "file_name": pl.String,
    "source_row": pl.Int64,
    "column_name": pl.String,
    "rule": pl.String,
    "severity": pl.String,
    "value_shape": pl.String,
    "value": pl.String,
    "reason_zh": pl.String,
    "landed_time": pl.Datetime("us", "UTC"),
}
DELIVERY_LOG: dict[str, Any] = {
    "delivery_id": pl.String,
    "feed_code": pl.String,
    "feed_table": pl.String,
    "owner_org_code": pl.String,
    "region_code": pl.String,
    "sender": pl.String,
    "file_name": pl.String,
    "period_start": pl.Date,
    "period_end": pl.Date,
    "due_time": pl.Datetime("us", "UTC"),
    "landed_time": pl.Datetime("us", "UTC"),
    "rows_n": pl.Int64,  # null: a delivery refused whole that nobody could count
    "inserted_n": pl.Int64,
    "updated_n": pl.Int64,
    "deleted_n": pl.Int64,
    "vanished_n": pl.Int64,  # stored rows that a snapshot no longer has; not rows of the delivery
    "unchanged_n": pl.Int64,
    "superseded_n": pl.Int64,
    "quarantined_n": pl.Int64,
    "indistinguishable_n": pl.Int64,
    "warned_n": pl.Int64,
    "valid_rows_n": pl.Int64,
    "content_sha256": pl.String,
    "schema_hash": pl.String,
    "contract_version": pl.String,
    "status": pl.String,  # 1 on time, 2 late, 4 refused (DELIVERY_STATUS)
    "refusal": pl.String,
    "is_backfill": pl.Boolean,
}
TEST_RUN: dict[str, Any] = {
    "run_id": pl.String,
    "feed_code": pl.String,
    "owner_org_code": pl.String,
    "test_name": pl.String,
    "severity": pl.String,
    "run_time": pl.Datetime("us", "UTC"),
    "passed": pl.Boolean,
    "failed_rows_n": pl.Int64,
    "checked_rows_n": pl.Int64,
    "detail": pl.String,
}
RETENTION_RUN: dict[str, Any] = {
    "feed_code": pl.String,
    "table_name": pl.String,
    "run_time": pl.Datetime("us", "UTC"),
    "cutoff_time": pl.Datetime("us", "UTC"),  # rows last changed before it were deleted
    "rows_n": pl.Int64,
    "markers_n": pl.Int64,  # markers of rows that had been deleted before
}
LOGS: dict[str, dict[str, Any]] = {
    "o01_delivery_log": DELIVERY_LOG,
    "o02_test_run": TEST_RUN,
    "quarantine": QUARANTINE,
    "retention_run": RETENTION_RUN,
}
PARTITIONED = {"quarantine": "feed_code"}
# Deletion must be provable: removed data is gone from history after seven days.
CONFIGURATION = {
    "delta.logRetentionDuration": "interval 7 days",
    "delta.deletedFileRetentionDuration": "interval 7 days",
    # Every open replays the log since the last checkpoint: 100 commits cost 13 ms, 20 half of it.
    "delta.checkpointInterval": "20",
}
# Set on a table whose older files lack a column that was added later.
WIDENED = "fengqiao.columnsAdded"


def column_type(field: Field) -> Any:
    """The lake type of a landed field."""
    if field.presence_only:
        return pl.Boolean
    if field.pii in TOKENISED | BANDED:
        return pl.String
    match field.logical:
        case "timestamp":
            return pl.Datetime("us", "UTC")
        case "date":
            return pl.Date
        case "integer":
            return pl.Int64 if field.physical == "int64" else pl.Int32
        case "boolean":
            return pl.Boolean
        case "number" if field.physical.startswith("decimal"):
            precision, scale = (int(n) for n in re.findall(r"\d+", field.physical))
            return pl.Decimal(precision, scale)
        case "number":
            return pl.Float64
    return pl.String


def content_schema(contract: Contract) -> dict[str, Any]:
    """Landed columns of a feed and their types, in the contract's order."""
    return {f.landed_name: column_type(f) for f in contract.landed if f.landed_name}


def feed_schema(contract: Contract) -> dict[str, Any]:
    """All columns of a feed's table."""
    return {**content_schema(contract), **ROW_META}


def _root(contract: Contract) -> Location:
    return places.lake_l4(contract.zone) if contract.zone else places.lake()


def feed_path(contract: Contract) -> Location:
    """Where a feed's table lies; a zoned feed lies in its zone."""
    return _root(contract) / "conformed" / contract.table


def history_path(contract: Contract) -> Location:
    """Where every accepted version of a feed lies, if its contract keeps them."""
    return _root(contract) / "history" / contract.table


def log_path(name: str) -> Location:
    return places.lake() / "ops" / name


def arrow(frame: pl.DataFrame) -> pa.Table:
    """A frame as the Arrow types every Delta reader knows (no string views)."""
    return frame.to_arrow(compat_level=pl.CompatLevel.oldest())


# Opening a table replays its log (4-13 ms here), bringing an open one up to date takes one.
# Beside each table, a commit of it and what that commit's file was: a home that was removed and
# made again may have the same path, the same version and even the same inode of its folder.
_OPEN: dict[str, tuple[DeltaTable, int, Seen | None]] = {}


def _commit(path: Location, version: int) -> Seen | None:
    """Which file holds the commit, or None: removed with old log entries, or never there."""
    file = damage.entry(path, version)
    seen = file.seen()
    if seen is not None and not seen.size_bytes:
        raise damage.damaged(file)
    return seen


def exists(path: Location) -> bool:
    """Whether there is a table: its log holds a commit or a checkpoint.

    delta-rs lists the whole log to say so, and a log may hold thousands of commits.
    """
    return any(name[0].isdigit() for name in (path / "_delta_log").names())


def load(path: Location) -> DeltaTable:
    """The table at `path`, read from its log; raises as `opened` does."""
    if exists(path):
        damage.refuse_empty(path)
    try:
        return DeltaTable(str(path), storage_options=path.delta_options())
    except DeltaError:
        if exists(path):
            damage.refuse_cut_off(path)
        raise


def opened(path: Location) -> DeltaTable:
    """The table at `path` as it is now; raises `TableNotFoundError` where there is none, and
    `damage.Damaged` where an entry of its log is empty or cut off."""
    table, version, known = _OPEN.get(str(path), (None, 0, None))
    if table is not None:
        try:
            if known is None or known != _commit(path, version):
                table = None
            elif _commit(path, table.version() + 1) is not None:
                table.update_incremental()
        except DeltaError:  # made again in the place of one that is gone
            table = None
    if table is None:
        table, known = load(path), None
    # A write through the table moves it on, so the commit is the one it was last looked up at.
    if table.version() != version or known is None:
        version, known = table.version(), _commit(path, table.version())
    _OPEN[str(path)] = (table, version, known)
    return table


def scan(path: Location, table: DeltaTable) -> pl.LazyFrame:
    """The table at `path` for polars, asked by polars' own words: delta-rs' mean nothing to it."""
    return pl.scan_delta(table, storage_options=path.polars_options())


class ColumnChanged(RuntimeError):
    """A contract gives a column another type than its table has; nothing was written."""


def _spelt(field: Any) -> str:
    """A Delta column's type, as `integer` or `decimal(18,2)`."""
    return str(getattr(field.type, "type", field.type))


def open_table(path: Location, schema: dict[str, Any], partition_by: list[str]) -> DeltaTable:
    """The table at `path`, created empty when it is not there yet.

    A column of another type than the table's raises `ColumnChanged`: delta-rs would commit a file
    of that type, and the table could not be opened again (docs/upgrading.md).
    """
    if not exists(path):
        path.prepare()
        empty = arrow(pl.DataFrame(schema=schema))
        with suppress(CommitFailedError):  # another worker has just made it
            return DeltaTable.create(
                str(path),
                empty.schema,
                mode="ignore",
                partition_by=partition_by,
                configuration=CONFIGURATION,
                storage_options=path.delta_options(),
            )
    table = opened(path)
    known = {field.name: _spelt(field) for field in table.schema().fields}
    wanted = arrow(pl.DataFrame(schema=schema)).schema
    for field in Schema.from_arrow(wanted).fields:
        if field.name in known and known[field.name] != _spelt(field):
            raise ColumnChanged(
                f"{path.name}: {field.name} is {known[field.name]} in the lake and {_spelt(field)}"
                " by contract; give the column of the new type a new name (docs/upgrading.md)"
            )
    new = [field for field in wanted if field.name not in known]
    if new:  # a column added by a contract or by us: stored rows have null in it
        table.alter.add_columns(Schema.from_arrow(pa.schema(new)).fields)
    # Files of the table no longer agree in their columns: older ones lack what is new, coming ones
    # what the contract has given up (and may have again).
    uneven = new or known.keys() - set(wanted.names)
    if uneven and WIDENED not in table.metadata().configuration:
        table.alter.set_table_properties({WIDENED: "true"}, raise_if_not_exists=False)
    return table


def open_feed(contract: Contract) -> DeltaTable:
    return open_table(feed_path(contract), feed_schema(contract), [MONTH])


def open_history(contract: Contract) -> DeltaTable:
    return open_table(history_path(contract), feed_schema(contract), [])


def open_log(name: str) -> DeltaTable:
    by = PARTITIONED.get(name)
    return open_table(log_path(name), LOGS[name], [by] if by else [])
