"""A received stream through conformance and protection: clean rows, findings, refused text.

Everything here is in memory, batch by batch; nothing is written.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from decimal import Decimal

import polars as pl

from ingestion import keys
from ingestion.conform.rows import FINDING_SCHEMA, broken_findings, conform
from ingestion.contract.model import Contract
from ingestion.delivery.opening import Opened, Refused, open_text
from ingestion.delivery.received import Received
from ingestion.draft.drift import Change, of_findings
from ingestion.lake.ahead import ahead
from ingestion.protect.columns import protect
from ingestion.receive import seen
from ingestion.receive.text import SENT, SOURCE_ROW, Facts, Unreadable

__all__ = ["Reader", "Reading", "Refused", "read"]

# Refused rows kept for the agency's workbook; more than this says "and so on".
WORKBOOK_ROWS = 20_000


@dataclass
class Reading:
    """What a delivery holds: `rows` has the landed columns, `_source_row` and the version."""

    rows: pl.DataFrame
    findings: pl.DataFrame
    refused_text: pl.DataFrame
    records: int
    columns: list[str] = field(default_factory=list)
    sums: dict[str, Decimal] = field(default_factory=dict)
    # Keys that stand in refused rows, where they could be read; None where one could not.
    refused_keys: pl.DataFrame | None = None
    # Columns of which most values no longer read as declared.
    changes: tuple[Change, ...] = ()

    @property
    def quarantined(self) -> int:
        if not self.findings.height:
            return 0
        errors = self.findings.filter(pl.col("severity") == "error")
        return int(errors[SOURCE_ROW].n_unique()) if errors.height else 0


def _versioned(contract: Contract, rows: pl.DataFrame) -> pl.Expr:
    if contract.version_field is None:
        sent = SENT in rows.columns
        return pl.col(SENT) if sent else pl.lit(None, pl.Datetime("us", "UTC"))
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
    first, last = rows.select(column.min().alias("a"), column.max().alias("b")).row(0)
    if first is not None and f"{first:%Y-%m}" == f"{last:%Y-%m}" and not rows[name].has_nulls():
        return pl.lit(f"{first:%Y-%m}")  # most batches of a large file lie in one month
    return column.dt.strftime("%Y-%m").fill_null("0000-00")


def _explained(findings: pl.DataFrame, drifted: dict[tuple[str, str], Change]) -> pl.DataFrame:
    """The findings; where most of a column broke a rule, the reason says what has changed."""
    reason = pl.col("reason")
    for (column, rule), change in drifted.items():
        meant = (pl.col("column_name") == column) & (pl.col("rule") == rule)
        whole = pl.format("{}；变化：{}", reason, pl.lit(change.words))
        reason = pl.when(meant).then(whole).otherwise(reason)
    return findings.with_columns(reason.alias("reason")) if drifted else findings


@contextmanager
def _unreadable_is_refused() -> Iterator[None]:
    try:
        yield
    except Unreadable as error:
        raise Refused("unreadable", str(error), [], None) from error


def _total(cells: pl.Series) -> Decimal:
    """The sum of what is a number in a column of text, exact."""
    number = cells.str.strip_chars().cast(pl.Decimal(38, 6), strict=False)
    return Decimal(number.sum() or 0)


class Reader:
    """One pass over a delivery. The other attributes are complete once `parts` is exhausted."""

    def __init__(self, received: Received) -> None:
        self.contract = received.contract
        self._streamed = self.contract.duplicate_policy == "append"
        if received.misfit:
            raise Refused("file_name", received.misfit, [], None)
        with _unreadable_is_refused():
            self._opened: Opened = open_text(received)
        self.columns = self._opened.text.columns
        self.records = 0
        # Totals of the columns for which the sender declared one, over every row as it came.
        declared = received.control.sums if received.control else {}
        self.sums = {column: Decimal(0) for column in declared if column in self.columns}
        self.part_findings = pl.DataFrame(schema=FINDING_SCHEMA)  # of the part given last
        self._findings: list[pl.DataFrame] = []
        self._refused: list[pl.DataFrame] = []
        self._room = WORKBOOK_ROWS

    @property
    def _sources(self) -> list[str]:
        return [f.source for f in self._opened.fields]

    def parts(self) -> Iterator[pl.DataFrame]:
        """The clean rows, batch by batch, in the order of the stream."""
        with _unreadable_is_refused():
            # What was seen of a batch's bytes goes with it: the reader may be batches ahead.
            known = ((text, self._opened.text.facts) for text in self._opened.text.batches)
            for text, facts in ahead(known) if self._streamed else known:
                yield self._part(text, facts)
        broken = self._opened.text.broken
        self.records += len(broken)
        if broken:
            self._findings.append(broken_findings(broken))

    def _part(self, text: pl.DataFrame, facts: Facts | None) -> pl.DataFrame:
        self.records += text.height
        facts = seen.of_frame(text) if facts is None else facts
        absent = [c for c in self._sources if c not in text.columns]
        if absent:
            text = text.with_columns(pl.lit(None, pl.String).alias(c) for c in absent)
        for column in self.sums:
            self.sums[column] += _total(text[column])
        done = conform(self.contract, text, self._opened.fields, facts)
        self.part_findings = done.findings
        if done.findings.height:
            self._findings.append(done.findings)
            bad = done.findings.filter(pl.col("severity") == "error")[SOURCE_ROW].unique()
            rows = text.filter(pl.col(SOURCE_ROW).is_in(bad.implode())).head(self._room)
            self._room -= rows.height
            self._refused.append(rows.select(*self._sources, SOURCE_ROW))
        rows = done.rows.with_columns(
            _versioned(self.contract, done.rows).alias("_valid_from"),
            _month(self.contract, done.rows).alias("_month"),
        )
        return protect(self.contract, rows, keys.token_key)

    @property
    def findings(self) -> pl.DataFrame:
        """All findings, one row per broken rule of a row."""
        empty = pl.DataFrame(schema=FINDING_SCHEMA)
        return pl.concat(self._findings) if self._findings else empty

    @property
    def refused_text(self) -> pl.DataFrame:
        """The first refused rows as they came, by source column."""
        schema = {**dict.fromkeys(self._sources, pl.String), SOURCE_ROW: pl.Int64}
        return pl.concat(self._refused) if self._refused else pl.DataFrame(schema=schema)

    def refused_keys(self) -> pl.DataFrame | None:
        """The keys that stand in refused rows; None where a row has none that can be read."""
        fields = [f for f in self._opened.fields if f.key_position is not None]
        errors = self.findings.filter(pl.col("severity") == "error")
        text = self.refused_text
        unread = errors["column_name"].is_in([f.source for f in fields]).any()
        if unread or errors[SOURCE_ROW].n_unique() != text.height:
            return None
        if any(f.logical != "string" or f.landed_name != f.name for f in fields):
            return None if text.height else pl.DataFrame()
        return text.select(pl.col(f.source).str.strip_chars().alias(f.name) for f in fields)

    def whole(self, rows: pl.DataFrame) -> Reading:
        """The reading once all parts are in `rows`."""
        keys_of_refused = self.refused_keys() if self.contract.snapshot else None
        findings, refused = self.findings, self.refused_text
        drifted = of_findings(self._opened.fields, findings, refused, self.records)
        return Reading(
            rows,
            _explained(findings, drifted),
            refused,
            self.records,
            self.columns,
            self.sums,
            keys_of_refused,
            tuple(drifted.values()),
        )


def read(received: Received) -> Reading:
    """Read, conform and protect a whole delivery; raises `Refused` for one refused whole."""
    reader = Reader(received)
    parts = list(reader.parts())
    return reader.whole(pl.concat(parts) if parts else pl.DataFrame())
