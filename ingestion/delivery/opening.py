"""A received stream as text batches, under the names that the contract declares.

A header may use an announced alias instead of the declared name; what is in neither list is an
undeclared column, and the delivery is refused by that name (DP-03).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from ingestion.conform.rows import LOOKS_PERSONAL
from ingestion.conform.shape import shape
from ingestion.contract.model import Contract, Field
from ingestion.delivery import unwrap
from ingestion.delivery.received import Received
from ingestion.receive import decode, delimited, ndjson, stream, workbook
from ingestion.receive.text import TextStream, Unreadable


class Refused(Exception):
    """A delivery refused whole. `rows` is None where nobody could count its records."""

    def __init__(self, rule: str, reason: str, columns: list[str], rows: int | None) -> None:
        super().__init__(reason)
        self.rule, self.reason, self.columns, self.rows = rule, reason, columns, rows


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
    match contract.server.format:
        case "csv":
            encodings = options.get("encoding", "utf-8")
            listed = [encodings] if isinstance(encodings, str) else list(encodings)
            return delimited.read(clear, decode.choose(clear, listed), known)
        case "xlsx":
            with clear() as opened:
                content = opened.read()
            return workbook.read(
                content,
                sheet=int(options.get("sheet", 1)),
                header_row=int(options.get("header_row", 1)),
                footer_pattern=options.get("footer_pattern"),
                declared=known,
            )
        case "json":
            with clear() as opened:
                content = opened.read()
            return ndjson.read(content, declared)
    raise ValueError(f"{contract.path}: no reader for format {contract.server.format!r}")


def _as_named(field: Field, columns: list[str]) -> Field:
    """The field under the name this delivery uses, with the unit that name stands for."""
    if field.source in columns:
        return field
    for alias in field.aliases:
        if alias.source in columns:
            return replace(field, source=alias.source, source_unit=alias.unit or field.source_unit)
    return field


def _count(text: TextStream) -> int | None:
    try:
        return sum(b.height for b in text.batches) + len(text.broken)
    except Unreadable:
        return None


def _check_columns(contract: Contract, text: TextStream, fields: tuple[Field, ...]) -> None:
    declared = [f.source for f in fields]
    unknown = [c for c in text.columns if c not in declared]
    # An operation column is only sent by sources that delete.
    missing = [f.source for f in fields if f.source not in text.columns]
    missing = [c for c in missing if contract.operation is None or c != contract.operation.source]
    if unknown and 2 * len(missing) > len(declared) and contract.server.format != "json":
        # Most names are not there: the first row is data, counts as a row and must not be shown.
        rows = _count(text)
        raise Refused("no_header", "首行不是合同声明的列名", [], None if rows is None else rows + 1)
    if unknown:
        unknown = [shape(c) if re.search(LOOKS_PERSONAL, c) else c[:60] for c in unknown]
        named = "、".join(unknown)
        raise Refused("unknown_column", f"合同未声明的列：{named}", unknown, _count(text))
    # A JSON record may leave out what is null; a file's header may not leave out a column.
    if missing and contract.server.format != "json":
        named = "、".join(missing)
        raise Refused("missing_column", f"缺少合同声明的列：{named}", missing, _count(text))
