"""A delivery without consequences (`feed check`), and one taken in again (`feed replay`)."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import polars as pl

from ingestion import keys
from ingestion.contract import load
from ingestion.delivery import Receipt, archive, deliver, reading, receipt
from ingestion.delivery.deliver import check_figures, lake_rows
from ingestion.delivery.received import Received, from_bytes
from ingestion.lake import commit, logs
from ingestion.lake.tables import feed_path, open_feed


class ReplayError(RuntimeError):
    """A delivery that cannot be taken in again; the text says why."""


@dataclass(frozen=True)
class Rehearsal:
    """What a delivery would do."""

    records: int | None
    inserted: int = 0
    updated: int = 0
    unchanged: int = 0
    superseded: int = 0
    quarantined: int = 0
    refusal: str | None = None
    findings: list[dict[str, Any]] = field(default_factory=list)

    def summary(self) -> dict[str, Any]:
        """One row for a table."""
        return {
            "records": self.records,
            "would insert": self.inserted,
            "update": self.updated,
            "unchanged": self.unchanged,
            "superseded": self.superseded,
            "quarantine": self.quarantined,
            "refused": self.refusal,
        }


def rehearse(received: Received) -> Rehearsal:
    """Read and plan a delivery; nothing is written, not even the archive."""
    try:
        result = reading.read(received)
        check_figures(received, result)
    except reading.Refused as refusal:
        return Rehearsal(refusal.rows, refusal=f"{refusal.rule}: {refusal.reason}")
    rows = lake_rows(received, "rehearsal", result.rows, result.findings)
    from deltalake import DeltaTable

    if rows.height and DeltaTable.is_deltatable(str(feed_path(received.contract))):
        counts = commit.plan(
            received.contract, open_feed(received.contract), rows, result.refused_keys
        ).counts
    else:
        counts = commit.plan_first(received.contract, rows)
    grouped = result.findings.group_by("rule", "column_name", "severity", "reason").agg(
        pl.len().alias("rows"), pl.col("_source_row").min().alias("first row")
    )
    return Rehearsal(
        result.records,
        counts.inserted,
        counts.updated,
        counts.unchanged,
        counts.superseded,
        result.quarantined,
        findings=grouped.sort("rows", descending=True).to_dicts(),
    )


def again(delivery_id: str, key: Path | None) -> Receipt:
    """Deliver an archived delivery anew, under an id and a receipt of its own."""
    log = logs.read_log("o01_delivery_log", delivery_id=delivery_id)
    if not log.height:
        raise ReplayError(f"{delivery_id}: no receipt of that id")
    first = receipt.from_row(log.row(0, named=True))
    contract = load(first.feed_code)
    path = archive.path_of(contract.code, delivery_id, contract.server.format)
    if not path.exists():
        raise ReplayError(f"{delivery_id}: no longer in the archive ({contract.archive_days} days)")
    identity = key or keys.archive_key_path()
    if not identity.exists():
        raise ReplayError("replay needs the archive's private key: give it with --key")
    content = archive.reopen(path, identity)
    received = from_bytes(contract, content, first.period_start, first.period_end, first.file_name)
    received = replace(received, sender=first.sender)
    return deliver(received.replayed(delivery_id))
