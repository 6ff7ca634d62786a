"""A sample file of an unknown form → text columns, and the server options that read it.

Nothing is guessed that the readers of `receive/` could not read again: the sample is opened
through them with the options that the draft will declare.
"""

from __future__ import annotations

import codecs
import csv
import io
import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from ingestion.receive import formats, workbook
from ingestion.receive.text import SOURCE_ROW, Unreadable

MAX_ROWS = 1_000_000
_PEEK_BYTES = 1 << 18
_HEADER_WITHIN = 30
_FOOT = r"^(注|说明|备注|合计|总计|小计|填表|制表|填报|审核|数据来源|来源)"
_DAY = re.compile(r"(20\d{2})(?:(-?)(0[1-9]|1[0-2])(?:\2(0[1-9]|[12]\d|3[01]))?|Q[1-4])(?!\d)")


@dataclass(frozen=True)
class Sample:
    """The columns of a file as text, its format and the options of the server that sends it."""

    file_name: str
    form: str
    options: dict[str, Any]
    columns: list[str]
    rows: pl.DataFrame

    @property
    def file_pattern(self) -> str | None:
        """The file's name with `{period}` in place of its date; None where it has none."""
        found = _DAY.search(self.file_name)
        if found is None:
            return None
        return f"{self.file_name[: found.start()]}{{period}}{self.file_name[found.end() :]}"


def _encoding(head: bytes) -> str:
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    try:
        # A character may be cut at the end of what was looked at.
        codecs.getincrementaldecoder("utf-8")().decode(head)
    except UnicodeDecodeError:
        return "gb18030"
    return "utf-8-sig" if head.startswith(codecs.BOM_UTF8) else "utf-8"


def _delimiter(text: str) -> str:
    """The delimiter that cuts most lines into the same number of cells, more than one."""

    def fit(delimiter: str) -> tuple[int, int]:
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
        try:
            widths = [len(row) for _, row in zip(range(50), reader, strict=False) if row]
        except csv.Error:
            return (0, 0)
        first = widths[0] if widths else 0
        return (sum(w == first for w in widths) if first > 1 else 0, first)

    return max(formats.DELIMITERS, key=fit)


def _csv(content: bytes) -> dict[str, Any]:
    head = content[:_PEEK_BYTES]
    encoding = _encoding(content)
    text = head.decode(encoding, "ignore").removeprefix("\ufeff")
    delimiter = _delimiter(text)
    return {"encoding": encoding} | ({} if delimiter == "," else {"delimiter": delimiter})


def _json(content: bytes) -> dict[str, Any]:
    """Nothing for lines or a list; the path to the first list of objects in a document."""
    try:
        body = json.loads(content.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        return {}
    waiting: list[tuple[str, Any]] = [("", body)]
    while waiting and isinstance(body, dict):
        path, node = waiting.pop(0)
        if path and isinstance(node, list) and node and isinstance(node[0], dict):
            return {"rows": path}
        if isinstance(node, dict) and path.count(".") < 5:
            waiting += [(f"{path}.{k}" if path else k, v) for k, v in node.items()]
    return {}


def _is_words(cells: list[str]) -> bool:
    return all(not re.fullmatch(r"[\d.,:/ +-]+", c) for c in cells)


def _header_rows(grid: list[list[str]]) -> list[int]:
    """The rows, from 1, that name the columns: the first full row of words, or two that fill up."""
    width = max((sum(map(bool, row)) for row in grid), default=0)
    for i, row in enumerate(grid[:_HEADER_WITHIN]):
        filled = [c for c in row if c]
        if len(filled) == width and _is_words(filled):
            return [i + 1]
        if len(filled) < 2 or i + 1 == len(grid) or not _is_words(filled):
            continue
        below = grid[i + 1]
        both = [a or b for a, b in zip(row, below, strict=True)]
        words = [c for c in below if c]
        if len(words) < width and sum(map(bool, both)) == width and words and _is_words(words):
            return [i + 1, i + 2]
    raise Unreadable("no row of the sheet names its columns")


def _footer(grid: list[list[str]], header: int) -> str | None:
    """The pattern of rows that end the data: a word for notes and totals in a nearly empty row."""
    body = grid[header:]
    width = max((sum(map(bool, row)) for row in body), default=0)
    for at, row in enumerate(body):
        if row[0] and re.match(_FOOT, row[0]) and sum(map(bool, row)) * 2 <= width + 1:
            named = {re.match(_FOOT, r[0])[1] for r in body[at:] if re.match(_FOOT, r[0])}  # type: ignore[index]
            return f"^({'|'.join(sorted(named))})"
    return None


def _workbook(content: bytes) -> dict[str, Any]:
    grids = [
        [["" if c is None else str(c).strip() for c in row] for row in frame.rows()]
        for frame in workbook.sheets(content)
    ]
    sheet = max(range(len(grids)), key=lambda n: sum(map(bool, (c for r in grids[n] for c in r))))
    grid = grids[sheet]
    rows = _header_rows(grid)
    options: dict[str, Any] = {"sheet": sheet + 1}
    options["header_row"] = rows[0] if len(rows) == 1 else rows
    foot = _footer(grid, rows[-1])
    return options | ({"footer_pattern": foot} if foot else {})


def _form(path: Path, content: bytes) -> str:
    suffix = path.suffix.lower()
    if content.startswith(b"PK\x03\x04") or suffix in (".xlsx", ".xls"):
        return "xlsx"
    start = content[:64].lstrip(codecs.BOM_UTF8).lstrip()[:1]
    return "json" if suffix in (".json", ".ndjson", ".jsonl") or start in (b"{", b"[") else "csv"


def look(path: Path) -> Sample:
    """Read a sample file of any form we know; raises `Unreadable`."""
    content = path.read_bytes()
    form = _form(path, content)
    options = {"csv": _csv, "json": _json, "xlsx": _workbook}[form](content)
    stream = formats.read(lambda: io.BytesIO(content), form, options, [])
    parts, height = [], 0
    for part in stream.batches:
        parts.append(part)
        height += part.height
        if height >= MAX_ROWS:
            break
    if not parts or not height or not stream.columns:
        raise Unreadable(f"{path.name} has no rows to learn from")
    rows = pl.concat(parts, how="diagonal").drop(SOURCE_ROW)
    return Sample(path.name, form, options, stream.columns, rows)
