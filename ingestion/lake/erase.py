"""Rows are kept `retention` days after their last change, then deleted with proof (DP-15).

The deletion is one Delta commit that carries its own account, so that a kill between the commit
and the log loses nothing: the next run reads it back. The files that held the rows are removed at
once, not after the seven days of ordinary history, and what lies on the disk afterwards is read
again: `rows_left_n` is counted, not assumed. Only the lake's log keeps the smallest and largest
values of the removed files, for seven days.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

import polars as pl
from deltalake import CommitProperties, DeltaTable, Transaction

from ingestion.clock import LOCAL
from ingestion.contract.model import Contract
from ingestion.lake import files
from ingestion.lake.commit import WRITER
from ingestion.lake.logs import append_log, read_log
from ingestion.lake.tables import exists, feed_path, history_path, load, opened, scan
from ingestion.store import Location

ACCOUNT = "fengqiao.retention"


@dataclass(frozen=True)
class Erased:
    """What was deleted from one table: rows, markers of deleted rows, files; rows still on disk."""

    feed_code: str
    table: str
    cutoff: datetime
    rows_n: int
    markers_n: int
    files_deleted_n: int
    rows_left_n: int


def cutoff_of(contract: Contract, as_of: datetime) -> datetime:
    """Rows last changed before this local midnight are past their days."""
    midnight = as_of.astimezone(LOCAL).replace(hour=0, minute=0, second=0, microsecond=0)
    return midnight - timedelta(days=contract.retention_days)


def _limits(contract: Contract, as_of: datetime) -> list[tuple[str, date | datetime]]:
    """Columns and the day or moment (UTC, as the column is) before which a row is past its days."""
    limits: list[tuple[str, date | datetime]] = [
        ("_valid_from", cutoff_of(contract, as_of).astimezone(UTC))
    ]
    if contract.erase_after:
        column, days = contract.erase_after
        limit = as_of.astimezone(LOCAL) - timedelta(days=days)
        kind = next(f.logical for f in contract.fields if f.name == column)
        limits.append((column, limit.date() if kind == "date" else limit.astimezone(UTC)))
    return limits


def _past(limits: list[tuple[str, date | datetime]]) -> pl.Expr:
    """Which rows are past their days."""
    return pl.any_horizontal((pl.col(c) < pl.lit(limit)).fill_null(False) for c, limit in limits)


def _predicate(limits: list[tuple[str, date | datetime]]) -> str:
    """The same in the SQL of the deletion."""

    def literal(limit: date | datetime) -> str:
        if isinstance(limit, datetime):
            kind = 'Timestamp(Microsecond, Some("UTC"))'
            return f"arrow_cast('{limit.isoformat()}', '{kind}')"
        return f"date '{limit}'"

    return " or ".join(f"({c} is not null and {c} < {literal(limit)})" for c, limit in limits)


def _counted(path: Location, past: pl.Expr) -> tuple[int, int]:
    """Live rows and markers past their days."""
    found = (
        scan(path, load(path))
        .filter(past)
        .select(pl.col("_deleted").fill_null(False).alias("m"))
        .select((~pl.col("m")).sum().alias("rows"), pl.col("m").sum().alias("markers"))
        .collect()
    )
    return int(found["rows"][0] or 0), int(found["markers"][0] or 0)


def _left_on_disk(path: Location, past: pl.Expr) -> int:
    """Rows past their days in any file of the table's folder, listed by its log or not."""
    left, told = 0, path.polars_options()
    for name, _ in path.below():
        if name.endswith(".parquet") and not name.startswith("_delta_log/"):
            rows = pl.scan_parquet(str(path / name), storage_options=told).filter(past)
            left += rows.select(pl.len()).collect().item()
    return left


def _tables(contract: Contract) -> list[tuple[str, Location]]:
    found = [(contract.table, feed_path(contract))]
    if contract.history:
        found.append((f"{contract.table}_history", history_path(contract)))
    return [(n, p) for n, p in found if exists(p)]


def _settle(contract: Contract, name: str, path: Location) -> bool:
    """Write into the log what an earlier, killed run committed; whether there was anything."""
    known = set(read_log("retention_run", table_name=name)["run_time"].to_list())
    late = [
        account
        for entry in opened(path).history(20)
        if ACCOUNT in entry
        and datetime.fromisoformat((account := json.loads(entry[ACCOUNT]))["run_time"]) not in known
    ]
    for account in late:
        _note(contract, name, account)
    return bool(late)


def _note(contract: Contract, name: str, account: dict[str, Any]) -> None:
    row = pl.DataFrame(
        {
            "feed_code": [contract.code],
            "table_name": [name],
            "run_time": [datetime.fromisoformat(account["run_time"])],
            "cutoff_time": [datetime.fromisoformat(account["cutoff_time"])],
            "rows_n": [account["rows_n"]],
            "markers_n": [account["markers_n"]],
        }
    )
    append_log("retention_run", row, transaction=account["id"])


def erase(contract: Contract, as_of: datetime) -> list[Erased]:
    """Delete what is past its days from the feed's tables; one entry for each that lost rows."""
    done: list[Erased] = []
    limits = _limits(contract, as_of)
    past = _past(limits)
    for name, path in _tables(contract):
        unfinished = _settle(contract, name, path)
        rows, markers = _counted(path, past)
        if not rows and not markers and not unfinished:
            continue
        table = opened(path)
        if rows or markers:
            _delete(table, contract, name, as_of, rows, markers)
        files = table.vacuum(
            retention_hours=0, dry_run=False, enforce_retention_duration=False, full=True
        )
        left = _left_on_disk(path, past)
        cut = cutoff_of(contract, as_of)
        done.append(Erased(contract.code, name, cut, rows, markers, len(files), left))
    return done


def _delete(
    table: DeltaTable, contract: Contract, name: str, as_of: datetime, rows: int, markers: int
) -> None:
    identity = f"retention-{name}-{as_of.isoformat()}"
    account = {
        "id": identity,
        "run_time": as_of.isoformat(),
        "cutoff_time": cutoff_of(contract, as_of).isoformat(),
        "rows_n": rows,
        "markers_n": markers,
    }
    before = table.version()
    table.delete(
        _predicate(_limits(contract, as_of)),
        writer_properties=WRITER,
        commit_properties=CommitProperties(
            custom_metadata={ACCOUNT: json.dumps(account)},
            app_transactions=[Transaction(identity, 1)],
        ),
    )
    files.settle_commits(table, before, data=True)
    _note(contract, name, account)
