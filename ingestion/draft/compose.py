"""The first contract of a feed, written from a sample of it. No value of a person is in it."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from ingestion.draft import keys, surnames
from ingestion.draft.code_sets import Codes, codes_of
from ingestion.draft.kinds import Kind, kind_of
from ingestion.draft.names import names
from ingestion.draft.sample import Sample, look

_SECRET_LEVEL, _PLAIN_LEVEL = "L3", "L2"
_IN_HEADERS = re.compile(r"[\x00-\x1f]")


@dataclass(frozen=True)
class Drafted:
    """A column with all that is proposed for it."""

    header: str
    name: str
    kind: Kind
    codes: Codes | None
    missing: int

    @property
    def pii(self) -> str | None:
        return self.kind.pii


def quoted(text: object) -> str:
    """A YAML scalar that stands on one line whatever is in the text."""
    return json.dumps(_IN_HEADERS.sub(" ", str(text)), ensure_ascii=False)


def drafted(header: str, name: str, column: pl.Series) -> Drafted:
    """What one column of a sample is; its values must be the text that came."""
    kind = kind_of(header, column)
    empty = ["", *map(str, _list(kind.extra.get("null_values")))]
    missing = int((column.is_null() | column.str.strip_chars().is_in(empty)).sum())
    codes = None
    open_string = kind.logical == "string" and kind.pii is None and "person" not in kind.why
    if open_string or kind.logical in ("integer", "boolean"):
        codes = codes_of(header, name, column)
    if codes and codes.table is None and (kind.logical != "string" or _may_be_people(codes)):
        codes = None  # a number of few values is a number, and few people are no code set
    if codes and codes.table:
        width = re.search(r"\d+", kind.physical) if kind.logical == "string" else None
        kind = Kind("string", f"string({width[0] if width else 16})", "none", "codes")
    elif codes:
        kind = Kind(kind.logical, kind.physical, "none", "few short values")
    elif open_string and _is_code(header, column):
        kind = Kind("string", kind.physical, "none", "codes or numbers of something")
    return Drafted(header, name, kind, codes, missing)


def _may_be_people(codes: Codes) -> bool:
    seen = pl.Series(codes.seen, dtype=pl.String)
    return float(seen.str.contains(surnames.PERSON).mean() or 0) >= 0.5  # type: ignore[arg-type]


def _is_code(header: str, column: pl.Series) -> bool:
    plain = column.drop_nulls().str.contains(r"^[A-Za-z0-9_./-]+$")
    named = keys.looks_like_code(header)
    return named and len(plain) > 0 and float(plain.mean() or 0) >= 0.95  # type: ignore[arg-type]


def _list(value: object) -> list[object]:
    return value if isinstance(value, list) else []


def column_lines(one: Drafted, *, required: bool, key: int | None, dated: bool) -> list[str]:
    """The lines of a property, without indentation."""
    kind, codes = one.kind, one.codes
    level = _PLAIN_LEVEL if kind.pii == "none" else _SECRET_LEVEL
    said = f"Observed: {kind.why}"
    if codes and codes.table is None:
        said += f"; values seen: {', '.join(codes.seen)}"
    lines = [
        f"- name: {one.name}",
        f"  businessName: {quoted(one.header)}",
        f"  physicalName: {quoted(one.header)}",
        f"  description: {quoted(said)}",
        f"  logicalType: {kind.logical}",
        f"  physicalType: {quoted(kind.physical)}",
        *([] if key is None else ["  primaryKey: true", f"  primaryKeyPosition: {key}"]),
        f"  required: {'true' if required else 'false'}",
        *(["  partitioned: true", "  partitionKeyPosition: 1"] if dated else []),
        f"  classification: {level}",
    ]
    ours: list[tuple[str, str]] = []
    if kind.pii is not None:
        ours.append(("pii", kind.pii))
    if codes and codes.table:
        ours.append(("code_table", quoted(codes.table)))
    if codes and codes.checksum:
        ours.append(("checksum", quoted(codes.checksum)))
    for name, value in kind.extra.items():
        # A word like NULL is a text, whatever YAML makes of it bare.
        listed = ", ".join(map(quoted if name == "null_values" else str, _list(value)))
        ours.append((name, f"[{listed}]" if isinstance(value, list) else str(value)))
    if kind.pii is None:
        lines.append(f"  # decide its class ({kind.why}); until then the column is dropped")
    elif kind.pii != "none":
        lines.append(f"  # {kind.pii} by its content: {kind.why}")
    if codes and codes.candidates:
        lines.append(f"  # decide: code_table may be one of {', '.join(codes.candidates)}")
    if ours:
        lines.append("  customProperties:")
        lines += [f"    - {{property: {n}, value: {v}}}" for n, v in ours]
    return lines


def _server_lines(sample: Sample, code: str) -> list[str]:
    pattern = sample.file_pattern
    note = "" if pattern else "  # decide: the sample's name has no period"
    ending = Path(sample.file_name).suffix or f".{sample.form}"
    shown = pattern or f"{code}_{{period}}{ending}"
    lines = [
        "servers:",
        "  - server: agency",
        "    type: local",
        f"    path: inbox/{code}/",
        f"    format: {sample.form}",
        "    customProperties:",
        f"      - {{property: file_pattern, value: {quoted(shown)}}}{note}",
    ]
    for name, value in sample.options.items():
        lines.append(
            f"      - {{property: {name}, value: {json.dumps(value, ensure_ascii=False)}}}"
        )
    return lines


def _columns(sample: Sample) -> list[Drafted]:
    given = names(sample.columns)
    return [
        drafted(header, name, sample.rows[header])
        for header, name in zip(sample.columns, given, strict=True)
    ]


def _for_keys(columns: Sequence[Drafted]) -> list[keys.Column]:
    return [
        keys.Column(c.header, c.name, c.kind.logical, c.kind.physical, c.pii, c.missing == 0)
        for c in columns
    ]


def draft(file: Path, code: str = "X01", name: str | None = None) -> str:
    """An ODCS contract for the feed that `file` is a sample of, as YAML with comments.

    Raises `Unreadable` for a file of no form we know. It loads and lints as it is; what only a
    person may decide says TODO, and until it is decided nothing is taken in.
    """
    sample = look(file)
    columns = _columns(sample)
    seen = _for_keys(columns)
    key = keys.key(seen, sample.rows)
    dated, version = keys.partition(seen), keys.version(seen)
    personal = any(c.pii != "none" for c in columns)
    table = re.sub(r"[^a-z0-9]+", "_", f"{code}_{file.stem}".lower()).strip("_")
    table = table if re.search(r"_[a-z]", table) else f"{code.lower()}_feed"
    lines = [
        f"# Drafted from {quoted(sample.file_name)}, {sample.rows.height:,} rows. Decide what says "
        "TODO or decide.",
        "apiVersion: v3.1.0",
        "kind: DataContract",
        f"id: feed:{code}",
        f"name: {quoted(name or file.stem)}",
        "version: 0.1.0",
        "status: draft",
        "description:",
        '  purpose: "TODO: why it may be collected; without it no ingest"',
        '  usage: "TODO: what one row is"',
        "team:",
        '  name: "TODO: whose data they are"',
        *_server_lines(sample, code),
        "schema:",
        f"  - name: {table}",
        f"    businessName: {quoted(name or file.stem)}",
        "    physicalType: table",
        "    logicalType: object",
        '    dataGranularityDescription: "TODO: what one row is"',
        "    properties:",
    ]
    for column in columns:
        position = key.index(column.header) + 1 if column.header in key else None
        required = column.missing == 0
        is_dated = column.header == dated
        part = column_lines(column, required=required, key=position, dated=is_dated)
        lines += [f"      {line}" for line in part]
    policy = "latest" if key else "none"
    lines += [
        "slaProperties:",
        "  - {property: retention, value: 365, unit: d}  # TODO: days the rows may be kept",
        "customProperties:",
        f"  - {{property: duplicate_policy, value: {policy}}}"
        + ("" if key else "  # no column or pair of columns tells the rows apart"),
        *([f"  - {{property: version, value: {version}}}"] if version and key else []),
        f"  - {{property: level_raw, value: {_SECRET_LEVEL if personal else _PLAIN_LEVEL}}}",
        f"  - {{property: level_landed, value: {_PLAIN_LEVEL}}}",
        '  - {property: legal_basis, value: "TODO: law and article"}',
        "  - {property: archive_days, value: 30}  # TODO: days the encrypted original is kept",
        "  - {property: calendar, value: []}  # TODO: when a delivery is due",
    ]
    return "\n".join(lines) + "\n"
