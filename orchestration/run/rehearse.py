"""A delivery without consequences (`feed check`), and one taken in again (`feed replay`)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import polars as pl

from ingestion import keys
from ingestion.contract import load
from ingestion.delivery import Receipt, archive, deliver, reading, receipt
from ingestion.delivery.account import lake_rows
from ingestion.delivery.declared import check_figures
from ingestion.delivery.received import Received, from_bytes
from ingestion.draft.drift import Change
from ingestion.draft.patch import propose
from ingestion.draft.ready import undecided
from ingestion.lake import commit, logs
from ingestion.lake.lookup import Stored
from ingestion.lake.merge import Counts
from ingestion.lake.tables import exists, feed_path, open_feed
from ingestion.receive.text import SOURCE_ROW
from orchestration.access.approval import require


class ReplayError(RuntimeError):
    """A delivery that cannot be taken in again; the text says why."""


@dataclass(frozen=True)
class Rehearsal:
    """What a delivery would do.

    `findings` has a row per rule and column with an example (its shape where the column is
    personal), `drift` a row per change of the feed, `patch` the proposed diff of its contract,
    `notes` what would stop a delivery though the content is well.
    """

    records: int | None
    inserted: int = 0
    updated: int = 0
    deleted: int = 0
    unchanged: int = 0
    superseded: int = 0
    quarantined: int = 0
    warned: int = 0
    refusal: str | None = None
    findings: list[dict[str, Any]] = field(default_factory=list)
    drift: list[dict[str, Any]] = field(default_factory=list)
    patch: str = ""
    notes: list[str] = field(default_factory=list)

    def summary(self) -> dict[str, Any]:
        """One row for a table."""
        return {
            "records": self.records,
            "would insert": self.inserted,
            "update": self.updated,
            "delete": self.deleted,
            "unchanged": self.unchanged,
            "superseded": self.superseded,
            "quarantine": self.quarantined,
            "warned": self.warned,
            "refused": self.refusal,
        }

    def everything(self) -> dict[str, Any]:
        """The summary with all details, for programs."""
        details = {"findings": self.findings, "drift": self.drift, "patch": self.patch}
        return {**self.summary(), **details, "notes": self.notes}


def _changes(changes: Sequence[Change]) -> list[dict[str, Any]]:
    return [{"drift": c.kind, "column": c.column, "what": c.said} for c in changes]


def _grouped(findings: pl.DataFrame) -> list[dict[str, Any]]:
    example = pl.coalesce(pl.col("value").drop_nulls().first(), pl.col("value_shape").first())
    grouped = findings.group_by("rule", "column_name", "severity", "reason").agg(
        pl.len().alias("rows"),
        pl.col(SOURCE_ROW).min().alias("first row"),
        example.alias("example"),
    )
    return grouped.sort("rows", "rule", descending=[True, False]).to_dicts()


def _of_draft(received: Received) -> tuple[Received, list[str]]:
    """A delivery of a drafted contract: what its name and its open questions would stop is said
    instead, so that the content can be looked at."""
    notes = [f"{key} says TODO: nothing is taken in" for key in undecided(received.contract)]
    if received.misfit:
        notes.append(received.misfit)
    return replace(received, misfit=None), notes


def rehearse(received: Received, drafted: Path | None = None) -> Rehearsal:
    """Read and plan a delivery; nothing is written, not even the archive.

    `drafted` is the contract's file where that is not in the city's folder.
    """
    notes: list[str] = []
    if drafted is not None:
        received, notes = _of_draft(received)
    contract = received.contract
    try:
        result = reading.read(received)
        check_figures(received, result)
    except reading.Refused as refusal:
        return Rehearsal(
            refusal.rows,
            refusal=f"{refusal.rule}: {refusal.reason}",
            drift=_changes(refusal.changes),
            patch=propose(contract, refusal.changes, drafted),
            notes=notes,
        )
    rows = lake_rows(received, "rehearsal", result.rows, result.findings)
    counts = Counts()
    if rows.height and exists(feed_path(contract)):
        stored = Stored(open_feed(contract))
        counts = commit.plan(contract, stored, rows, result.refused_keys).counts
    elif rows.height:
        counts = commit.plan_first(contract, rows)
    warned = result.findings.filter(pl.col("severity") == "warning")
    return Rehearsal(
        result.records,
        counts.inserted,
        counts.updated,
        counts.deleted,
        counts.unchanged,
        counts.superseded,
        result.quarantined,
        int(warned[SOURCE_ROW].n_unique()) if warned.height else 0,
        findings=_grouped(result.findings),
        drift=_changes(result.changes),
        patch=propose(contract, result.changes, drafted),
        notes=notes,
    )


def again(delivery_id: str, key: Path | None, approval: str | None = None) -> Receipt:
    """Deliver an archived delivery anew, under an id and a receipt of its own.

    The archive is opened for it, so it is logged; minors' data need an approval (DP-13).
    """
    log = logs.read_log("o01_delivery_log", delivery_id=delivery_id)
    if not log.height:
        raise ReplayError(f"{delivery_id}: no receipt of that id")
    first = receipt.from_row(log.row(0, named=True))
    contract = load(first.feed_code).sent_by(first.sender)
    require(contract, approval, "replay", delivery_id)
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
