"""A received stream through conformance and protection: clean rows, findings, refused text.

Everything here is in memory and per delivery; nothing is written.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

import polars as pl

from ingestion import keys
from ingestion.conform.rows import FINDING_SCHEMA, LOOKS_PERSONAL, broken_findings, conform
from ingestion.conform.shape import shape
from ingestion.contract.model import Contract
from ingestion.delivery.received import Received
from ingestion.protect.columns import protect
from ingestion.receive import delimited, ndjson, workbook
from ingestion.receive.text import SOURCE_ROW, BrokenRecord, TextStream, Unreadable

# Refused rows kept for the agency's workbook; more than this says "and so on".
WORKBOOK_ROWS = 20_000


class Refused(Exception):
    """A delivery refused whole. `rows` is None where nobody could count its records."""

    def __init__(self, rule: str, reason: str, columns: list[str], rows: int | None) -> None:
        super().__init__(reason)
        self.rule, self.reason, self.columns, self.rows = rule, reason, columns, rows


@dataclass
class Reading:
    """What a delivery holds: `rows` has the landed columns, `_source_row` and the version."""

    rows: pl.DataFrame
    findings: pl.DataFrame
    refused_text: pl.DataFrame
    records: int
    columns: list[str] = field(default_factory=list)

    @property
    def quarantined(self) -> int:
        errors = self.findings.filter(pl.col("severity") == "error")
        return int(errors[SOURCE_ROW].n_unique()) if errors.height else 0


def stream(received: Received) -> TextStream:
    """Open the received stream by the contract's format."""
    contract = received.contract
    options = contract.server.options
    declared = [f.source for f in contract.fields]
    match contract.server.format:
        case "csv":
            return delimited.read(received.open, options.get("encoding", "utf-8"), declared)
        case "xlsx":
            with received.open() as source:
                content = source.read()
            return workbook.read(
                content,
                sheet=int(options.get("sheet", 1)),
                header_row=int(options.get("header_row", 1)),
                footer_pattern=options.get("footer_pattern"),
                declared=declared,
            )
        case "json":
            with received.open() as source:
                content = source.read()
            return ndjson.read(content, declared)
    raise ValueError(f"{contract.path}: no reader for format {contract.server.format!r}")


def _count(opened: TextStream) -> int | None:
    try:
        return sum(b.height for b in opened.batches) + len(opened.broken)
    except Unreadable:
        return None


def _check_columns(contract: Contract, opened: TextStream) -> None:
    declared = [f.source for f in contract.fields]
    unknown = [c for c in opened.columns if c not in declared]
    missing = [c for c in declared if c not in opened.columns]
    if unknown and 2 * len(missing) > len(declared) and contract.server.format != "json":
        # Most names are not there: the first row is data, counts as a row and must not be shown.
        rows = _count(opened)
        raise Refused("no_header", "首行不是合同声明的列名", [], None if rows is None else rows + 1)
    if unknown:
        unknown = [shape(c) if re.search(LOOKS_PERSONAL, c) else c[:60] for c in unknown]
        named = "、".join(unknown)
        reason = f"合同未声明的列：{named}"
        raise Refused("unknown_column", reason, unknown, _count(opened))
    # A JSON record may leave out what is null; a file's header may not leave out a column.
    if missing and contract.server.format != "json":
        named = "、".join(missing)
        raise Refused("missing_column", f"缺少合同声明的列：{named}", missing, _count(opened))


def _versioned(contract: Contract, rows: pl.DataFrame) -> pl.Expr:
    if contract.version_field is None:
        return pl.lit(None, pl.Datetime("us", "UTC"))
    column = pl.col(contract.version_field)
    if rows.schema[contract.version_field] == pl.Date:
        local = column.cast(pl.Datetime("us")).dt.replace_time_zone("Asia/Shanghai")
        return local.dt.convert_time_zone("UTC")
    return column


def _month(contract: Contract, rows: pl.DataFrame) -> pl.Expr:
    name = contract.partition_field
    if name is None:
        return pl.lit("all")
    column = pl.col(name)
    if rows.schema[name] != pl.Date:
        column = column.dt.convert_time_zone("Asia/Shanghai")
    return column.dt.strftime("%Y-%m").fill_null("0000-00")


def read(received: Received) -> Reading:
    """Read, conform and protect a whole delivery; raises `Refused` for one refused whole."""
    contract = received.contract
    if received.misfit:
        raise Refused("file_name", received.misfit, [], None)
    try:
        opened = stream(received)
        _check_columns(contract, opened)
        return _collect(contract, opened)
    except Unreadable as error:
        raise Refused("unreadable", str(error), [], None) from error


def _collect(contract: Contract, opened: TextStream) -> Reading:
    kept, findings, refused = [], [], []
    records = 0
    room = WORKBOOK_ROWS
    declared = [f.source for f in contract.fields]
    for text in opened.batches:
        records += text.height
        absent = [c for c in declared if c not in text.columns]
        text = text.with_columns(pl.lit(None, pl.String).alias(c) for c in absent)
        done = conform(contract, text)
        safe = protect(contract, done.rows, keys.token_key)
        meta = done.rows.select(
            SOURCE_ROW,
            _versioned(contract, done.rows).alias("_valid_from"),
            _month(contract, done.rows).alias("_month"),
        )
        kept.append(safe.join(meta, on=SOURCE_ROW, how="left", maintain_order="left"))
        if done.findings.height:
            findings.append(done.findings)
            bad = done.findings.filter(pl.col("severity") == "error")[SOURCE_ROW].unique()
            rows = text.filter(pl.col(SOURCE_ROW).is_in(bad.implode())).head(room)
            room -= rows.height
            refused.append(rows.select(*declared, SOURCE_ROW))
    records += len(opened.broken)
    findings.append(_broken(opened.broken))
    empty_text = pl.DataFrame(schema={**dict.fromkeys(declared, pl.String), SOURCE_ROW: pl.Int64})
    if not kept:
        return Reading(pl.DataFrame(), pl.concat(findings), empty_text, records, opened.columns)
    return Reading(
        pl.concat(kept),
        pl.concat(findings),
        pl.concat(refused) if refused else empty_text,
        records,
        opened.columns,
    )


def _broken(broken: list[BrokenRecord]) -> pl.DataFrame:
    return broken_findings(broken) if broken else pl.DataFrame(schema=FINDING_SCHEMA)
