"""What became of a delivery: its rows as they are stored, those of its quarantine, its receipt."""

from __future__ import annotations

import hashlib
from typing import Any

import polars as pl

from ingestion import clock
from ingestion.contract.calendar import find_period
from ingestion.delivery.reading import Reading, Refused
from ingestion.delivery.receipt import Receipt
from ingestion.delivery.received import Received
from ingestion.lake.merge import Counts
from ingestion.lake.tables import LOGS, feed_schema
from ingestion.receive.text import SOURCE_ROW


def quarantine_rows(received: Received, identity: str, findings: pl.DataFrame) -> pl.DataFrame:
    """Findings as rows of the quarantine table; warnings of refused rows would only repeat."""
    if not findings.height:
        return pl.DataFrame(schema=LOGS["quarantine"])
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


def make_receipt(
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
    warned = _warned(result.findings)
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
        vanished_n=counts.vanished,
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


def _warned(findings: pl.DataFrame) -> pl.DataFrame:
    return findings.filter(pl.col("severity") == "warning") if findings.height else findings


def reasons(quarantine: pl.DataFrame) -> list[dict[str, Any]]:
    """How many rows broke which rule, and the first of them."""
    if not quarantine.height:
        return []
    grouped = quarantine.group_by("rule", "column_name", "severity", "reason_zh").agg(
        pl.col("source_row").n_unique().alias("rows_n"),
        pl.col("source_row").sort().head(20).alias("first_rows"),
    )
    return grouped.sort("rule", "column_name", "severity", "reason_zh").to_dicts()


def lake_rows(
    received: Received, identity: str, rows: pl.DataFrame, findings: pl.DataFrame
) -> pl.DataFrame:
    """Clean rows with everything a stored row carries."""
    schema = feed_schema(received.contract)
    if not rows.height:
        return pl.DataFrame(schema=schema)
    end = pl.lit(received.period_end).cast(pl.Datetime("us"))
    fallback = end.dt.replace_time_zone("Asia/Shanghai").dt.convert_time_zone("UTC")
    warned = _warned(findings)
    if warned.height:
        names = warned.group_by(SOURCE_ROW).agg(
            pl.col("rule").unique().sort().str.join(",").alias("_warnings")
        )
        rows = rows.join(names, on=SOURCE_ROW, how="left", maintain_order="left")
    made = {
        "_delivery_id": pl.lit(identity),
        "_valid_from": pl.col("_valid_from").fill_null(fallback),
        "_period_end": pl.lit(received.period_end),
        "_occurrence": pl.lit(None, pl.Int32),
        "_loaded_at": pl.lit(clock.as_of()).dt.convert_time_zone("UTC"),
    }
    if not warned.height:
        made["_warnings"] = pl.lit(None, pl.String)
    return rows.select(made.get(c, pl.col(c)).cast(t).alias(c) for c, t in schema.items())
