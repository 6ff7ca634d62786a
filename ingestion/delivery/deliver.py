"""One delivery: archive → read → quarantine → data → receipt → out of the inbox.

Each arrow is safe to repeat. Quarantine and data carry the delivery's id as transaction; the
receipt (O01) ends the delivery; only then does the file leave the inbox. A kill anywhere
leaves the last good state, and the next run finishes the rest.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable
from typing import Any

import polars as pl

from ingestion import clock
from ingestion.contract.calendar import find_period
from ingestion.contract.model import Contract
from ingestion.delivery import archive, reading, receipt, refusals
from ingestion.delivery.reading import Reading, Refused
from ingestion.delivery.receipt import Receipt
from ingestion.delivery.received import Received, delivery_id
from ingestion.lake import commit, logs
from ingestion.lake.merge import Counts
from ingestion.lake.tables import ROW_META, content_schema, feed_schema
from ingestion.receive.text import SOURCE_ROW

log = logging.getLogger("fengqiao.deliver")
Step = Callable[[str], None]


def _silent(_step: str) -> None:
    """No observer."""


def deliver(received: Received, reached: Step = _silent) -> Receipt:
    """Take one delivery in; `reached` is told each durable step (kill tests aim with it)."""
    contract = received.contract
    draft, sha256 = archive.store(received)
    identity = delivery_id(received, sha256)
    archive.keep(draft, received, identity)
    reached("archived")
    known = logs.read_log("o01_delivery_log", delivery_id=identity)
    if known.height:
        first = receipt.from_row(known.row(0, named=True))
        receipt.publish(first, _stored_reasons(identity))
        _leave_inbox(received)
        log.info("%s", receipt.repeated(first).words())
        return receipt.repeated(first)
    try:
        result = reading.read(received)
    except Refused as refusal:
        made = _refuse(received, identity, sha256, refusal, reached)
    else:
        made = _accept(contract, received, identity, sha256, result, reached)
    log.log(logging.WARNING if made.refusal else logging.INFO, "%s", made.words())
    return made


def _accept(
    contract: Contract,
    received: Received,
    identity: str,
    sha256: str,
    result: Reading,
    reached: Step,
) -> Receipt:
    quarantine = _quarantine_rows(received, identity, result.findings)
    refusals.write(contract, identity, result.refused_text, result.findings)
    reached("workbook")
    if quarantine.height:
        logs.append_log("quarantine", quarantine, transaction=identity)
    reached("quarantine")
    rows = lake_rows(contract, received, identity, result)
    counts = commit.commit(contract, identity, rows) if rows.height else Counts()
    reached("data")
    made = _receipt(received, identity, sha256, result, counts)
    made.check()
    _end(received, made, _reasons(quarantine), reached)
    return made


def _refuse(
    received: Received, identity: str, sha256: str, refusal: Refused, reached: Step
) -> Receipt:
    findings = pl.DataFrame(
        {
            SOURCE_ROW: [None],
            "column_name": ["、".join(refusal.columns) or None],
            "rule": [refusal.rule],
            "severity": ["error"],
            "value_shape": ["whole delivery"],
            "value": [None],
            "reason": [refusal.reason],
        },
        schema_overrides={SOURCE_ROW: pl.Int64, "column_name": pl.String, "value": pl.String},
    )
    quarantine = _quarantine_rows(received, identity, findings)
    logs.append_log("quarantine", quarantine, transaction=identity)
    reached("quarantine")
    empty = Reading(pl.DataFrame(), findings, pl.DataFrame(), refusal.rows or 0)
    made = _receipt(received, identity, sha256, empty, Counts(), refusal)
    made.check()
    _end(received, made, _reasons(quarantine), reached)
    return made


def lake_rows(
    contract: Contract, received: Received, identity: str, result: Reading
) -> pl.DataFrame:
    """The clean rows with everything a stored row carries."""
    if not result.rows.height:
        return pl.DataFrame(schema=feed_schema(contract))
    warned = (
        result.findings.filter(pl.col("severity") == "warning")
        .group_by(SOURCE_ROW)
        .agg(pl.col("rule").unique().sort().str.join(",").alias("_warnings"))
    )
    end = pl.lit(received.period_end).cast(pl.Datetime("us"))
    fallback = end.dt.replace_time_zone("Asia/Shanghai").dt.convert_time_zone("UTC")
    rows = result.rows.join(warned, on=SOURCE_ROW, how="left", maintain_order="left")
    rows = rows.with_columns(
        pl.lit(identity).alias("_delivery_id"),
        pl.col("_valid_from").fill_null(fallback),
        pl.lit(received.period_end).alias("_period_end"),
        pl.lit(None, pl.Int32).alias("_occurrence"),
        pl.lit(clock.as_of())
        .dt.convert_time_zone("UTC")
        .cast(ROW_META["_loaded_at"])
        .alias("_loaded_at"),
    )
    if "_warnings" not in rows.columns:
        rows = rows.with_columns(pl.lit(None, pl.String).alias("_warnings"))
    schema = {**content_schema(contract), **ROW_META}
    return rows.select(pl.col(c).cast(t) for c, t in schema.items())


def _quarantine_rows(received: Received, identity: str, findings: pl.DataFrame) -> pl.DataFrame:
    """Findings as rows of the quarantine table; warnings of refused rows would only repeat."""
    refused = findings.filter(pl.col("severity") == "error")[SOURCE_ROW]
    kept = findings.filter(
        (pl.col("severity") == "error") | ~pl.col(SOURCE_ROW).is_in(refused.implode())
    )
    return kept.select(
        pl.lit(received.contract.code).alias("feed_code"),
        pl.lit(identity).alias("delivery_id"),
        pl.lit(received.file_name).alias("file_name"),
        pl.col(SOURCE_ROW).alias("source_row"),
        "column_name",
        "rule",
        "severity",
        "value_shape",
        "value",
        pl.col("reason").alias("reason_zh"),
        pl.lit(clock.as_of()).dt.convert_time_zone("UTC").alias("landed_time"),
    ).sort("source_row", "column_name", "rule", nulls_last=False)


def _receipt(
    received: Received,
    identity: str,
    sha256: str,
    result: Reading,
    counts: Counts,
    refusal: Refused | None = None,
) -> Receipt:
    contract = received.contract
    landed = clock.as_of()
    period = find_period(contract, received.period_start, received.period_end)
    on_time = period is None or landed <= period.due
    warned = result.findings.filter(pl.col("severity") == "warning")
    rows = refusal.rows if refusal else result.records
    quarantined = (refusal.rows or 0) if refusal else result.quarantined
    schema = "\x1f".join(result.columns)
    return Receipt(
        delivery_id=identity,
        feed_code=contract.code,
        feed_table=contract.table,
        owner_org_code=contract.owner_org_code,
        region_code=contract.region_code,
        sender=received.sender,
        file_name=received.file_name,
        # A file may name only the last day of its period; the calendar knows the first.
        period_start=period.period_start if period else received.period_start,
        period_end=received.period_end,
        due_time=period.due if period else None,
        landed_time=landed,
        rows_n=rows,
        inserted_n=counts.inserted,
        updated_n=counts.updated,
        deleted_n=counts.deleted,
        unchanged_n=counts.unchanged,
        superseded_n=counts.superseded,
        quarantined_n=quarantined,
        indistinguishable_n=counts.indistinguishable,
        warned_n=int(warned[SOURCE_ROW].n_unique()) if warned.height else 0,
        valid_rows_n=0 if refusal else result.records - quarantined,
        content_sha256=sha256,
        schema_hash=hashlib.sha256(schema.encode()).hexdigest()[:16] if schema else None,
        contract_version=contract.version,
        status="4" if refusal else ("1" if on_time else "2"),
        refusal=f"{refusal.rule}: {refusal.reason}" if refusal else None,
        is_backfill=bool(period and period.period_start != period.period_end),
    )


def _reasons(quarantine: pl.DataFrame) -> list[dict[str, Any]]:
    grouped = quarantine.group_by("rule", "column_name", "severity", "reason_zh").agg(
        pl.col("source_row").n_unique().alias("rows_n"),
        pl.col("source_row").sort().head(20).alias("first_rows"),
    )
    return grouped.sort("rule", "column_name", "severity", "reason_zh").to_dicts()


def _stored_reasons(identity: str) -> list[dict[str, Any]]:
    return _reasons(logs.read_log("quarantine", delivery_id=identity))


def _end(received: Received, made: Receipt, reasons: list[dict[str, Any]], reached: Step) -> None:
    """Outbox, O01, out of the inbox, in this order.

    The JSON is derived, so writing it first costs nothing; written last it would be missing for
    good when a pull from an API is killed here, because its period then counts as received.
    """
    receipt.publish(made, reasons)
    reached("outbox")
    logs.append_log("o01_delivery_log", made.row(), transaction=made.delivery_id)
    reached("receipt")
    _leave_inbox(received)
    reached("finished")


def _leave_inbox(received: Received) -> None:
    if received.inbox_file is not None:
        received.inbox_file.unlink(missing_ok=True)
