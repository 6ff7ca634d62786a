"""A received stream as text batches, under the names that the contract declares.

A header may use an announced alias instead of the declared name; what is in neither list is an
undeclared column, and the delivery is refused by that name (DP-03).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import polars as pl

from ingestion.conform.headers import vocabulary
from ingestion.contract.model import Contract, Field
from ingestion.delivery import unwrap
from ingestion.delivery.received import Received
from ingestion.draft.drift import (
    MAX_UNKNOWN,
    REMOVED,
    SAMPLE_ROWS,
    Change,
    in_words,
    of_header,
)
from ingestion.receive import formats, stream
from ingestion.receive.text import TextStream, Unreadable


class Refused(Exception):
    """A delivery refused whole. `rows` is None where nobody could count its records.

    `changes` is the drift of its header, where that is why.
    """

    def __init__(
        self,
        rule: str,
        reason: str,
        columns: list[str],
        rows: int | None,
        changes: Sequence[Change] = (),
    ) -> None:
        self.changes = tuple(changes)
        self.rule, self.columns, self.rows = rule, columns, rows
        self.reason = f"{reason}；变化：{in_words(changes)}" if changes else reason
        super().__init__(self.reason)


@dataclass(frozen=True)
class Opened:
    """Text batches, and the contract's fields as this delivery names them."""

    text: TextStream
    fields: tuple[Field, ...]


def open_text(received: Received) -> Opened:
    """Open a delivery by its contract; raises `Refused` or `Unreadable`."""
    contract = received.contract
    text = _stream(received)
    fields = tuple(_as_named(f, text.columns) for f in contract.fields)
    _check_columns(contract, text, fields)
    return Opened(text, fields)


def _stream(received: Received) -> TextStream:
    contract = received.contract
    options = contract.server.options
    known = [s for f in contract.fields for s in (f.source, *(a.source for a in f.aliases))]
    declared = [f.source for f in contract.fields]
    clear = unwrap.clear(received)
    if contract.is_stream:
        key = contract.key[0] if len(contract.key) == 1 else None
        source = next((f.source for f in contract.fields if f.name == key), None)
        with clear() as opened:
            return stream.read(opened.read(), declared, source)
    try:
        return formats.read(clear, contract.server.format, options, known)
    except ValueError as error:
        if isinstance(error, Unreadable):
            raise
        raise ValueError(f"{contract.path}: {error}") from error


def _as_named(field: Field, columns: list[str]) -> Field:
    """The field under the name this delivery uses, with the unit that name stands for."""
    if field.source in columns:
        return field
    for alias in field.aliases:
        if alias.source in columns:
            return replace(field, source=alias.source, source_unit=alias.unit or field.source_unit)
    return field


def _count(text: TextStream) -> tuple[int | None, pl.DataFrame]:
    """How many records there are, None where nobody can say, and the first of them."""
    rows, first = 0, pl.DataFrame(schema=dict.fromkeys(text.columns, pl.String))
    try:
        for batch in text.batches:
            first = batch.head(SAMPLE_ROWS) if not rows else first
            rows += batch.height
    except Unreadable:
        return None, first
    return rows + len(text.broken), first


def _check_columns(contract: Contract, text: TextStream, fields: tuple[Field, ...]) -> None:
    declared = [f.source for f in fields]
    unknown = [c for c in text.columns if c not in declared]
    # An operation column is only sent by sources that delete.
    missing = [f for f in fields if f.source not in text.columns and f.transport != "operation"]
    as_json = contract.server.format == "json"
    if unknown and 2 * len(missing) > len(declared) and not as_json:
        # Most names are not there: the first row is data, counts as a row and must not be shown.
        rows, _ = _count(text)
        raise Refused("no_header", "首行不是合同声明的列名", [], None if rows is None else rows + 1)
    if unknown:
        rows, first = _count(text)
        changes = of_header(contract, unknown, missing, first)
        if as_json:  # what is null in all records is not missing, unless it may not be null
            needed = {f.name for f in missing if f.required}
            changes = [c for c in changes if c.kind != REMOVED or c.declared in needed]
        words = vocabulary()
        named = [words.shown_at(c, text.columns, contract) for c in unknown[:MAX_UNKNOWN]]
        named += [f"等 {len(unknown)} 列"] if len(unknown) > MAX_UNKNOWN else []
        reason = f"合同未声明的列：{'、'.join(named)}"
        raise Refused("unknown_column", reason, named, rows, changes)
    # A JSON record may leave out what is null; a file's header may not leave out a column.
    if missing and not as_json:
        rows, first = _count(text)
        changes = of_header(contract, [], missing, first)
        lacking = [f.source for f in missing]
        reason = f"缺少合同声明的列：{'、'.join(lacking)}"
        raise Refused("missing_column", reason, lacking, rows, changes)
