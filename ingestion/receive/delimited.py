"""CSV → text batches.

Engine: pyarrow.csv, because it alone gives the exact ordinal of a refused record while it
streams from a decoder (docs/adr/0005): DuckDB's reject table counts blank lines that its
rows do not, and stops at mixed line ends.
"""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Callable, Collection, Iterator
from typing import BinaryIO

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.csv as pacsv

from ingestion.receive import seen
from ingestion.receive.bounds import check_columns
from ingestion.receive.decode import Utf8Reader
from ingestion.receive.text import (
    SOURCE_ROW,
    BrokenRecord,
    Facts,
    TextStream,
    Unreadable,
    distinct_header,
)

BLOCK_BYTES = 1 << 23
SALVAGE_LIMIT_BYTES = 1 << 30
MAX_SALVAGE = 200
HEADER_BYTES = 1 << 20
Opener = Callable[[], BinaryIO]


class _Runaway(Exception):
    """A quote that never closes has swallowed the records after it."""

    def __init__(self, ordinal: int, first_line: bytes) -> None:
        super().__init__(f"record {ordinal}")
        self.ordinal, self.first_line = ordinal, first_line


def buffered(raw: io.RawIOBase) -> io.BufferedReader:
    """The raw reader as an ordinary binary file."""
    return io.BufferedReader(raw, BLOCK_BYTES)


def header(
    opened: Opener, encoding: str, declared: Collection[str] = (), delimiter: str = ","
) -> list[str]:
    """The cells of the header row, stripped; unreadable, empty or repeated ones are errors."""
    with opened() as source:
        start = buffered(Utf8Reader(source, encoding)).read(HEADER_BYTES)
    # newline="": a lone CR ends a record too, and a quoted cell may hold line ends.
    text = io.StringIO(start.decode("utf-8", "ignore"), newline="")
    try:
        cells = [c.strip() for c in next(_records(text, delimiter), [])]
    except csv.Error as error:
        raise Unreadable("the header row cannot be read") from error
    if not any(cells):
        raise Unreadable("the file is empty: not even a header row")
    check_columns(len(cells))
    distinct_header(cells, declared)
    return cells


def _records(text: io.StringIO, delimiter: str) -> Iterator[list[str]]:
    return (row for row in csv.reader(text, delimiter=delimiter) if row)


class _Parser:
    """One pass over the stream; starts again, past what it gave, after each runaway quote."""

    def __init__(self, opened: Opener, encoding: str, columns: list[str], delimiter: str) -> None:
        self.opened, self.encoding, self.columns = opened, encoding, columns
        self.delimiter = delimiter
        self.broken: list[BrokenRecord] = []
        self._muted: dict[int, bytes] = {}  # ordinal → the line whose quote never closed
        self._text: bytes | None = None
        self._given = 0
        self._trusted = codecs.lookup(encoding).name in ("utf-8", "utf-8-sig")
        self.facts = Facts()
        self._refused: dict[int, BrokenRecord] = {}
        self._runaway: _Runaway | None = None

    def _source(self) -> BinaryIO:
        if self._text is not None:
            return io.BytesIO(self._text)
        if self._trusted:  # UTF-8 is only decoded when the parser finds that it is not
            return _without_bom(self.opened())
        return buffered(Utf8Reader(self.opened(), self.encoding))

    def _invalid(self, row: pacsv.InvalidRow) -> str:
        ordinal = row.number - 1  # record 1 is the header
        lines = row.text.split("\n")
        if len([line for line in lines if line.strip()]) > 1 and ordinal not in self._muted:
            self._runaway = _Runaway(ordinal, lines[0].rstrip("\r").encode("utf-8"))
        shape = f"{row.actual_columns} cells, expected {row.expected_columns}"
        if ordinal in self._muted:
            shape = "a quote that never closes"
        rule = "encoding" if "\ufffd" in row.text else "structure"
        self._refused[ordinal] = BrokenRecord(ordinal, rule, shape)
        return "skip"

    def _mute(self, runaway: _Runaway) -> None:
        """Replace the runaway line by one that is refused, so that ordinals stay."""
        if len(self._muted) >= MAX_SALVAGE:
            raise Unreadable(f"more than {MAX_SALVAGE} quotes never close")
        if self._text is None:
            with self._source() as source:
                self._text = source.read(SALVAGE_LIMIT_BYTES + 1)
            if len(self._text) > SALVAGE_LIMIT_BYTES:
                raise Unreadable(f"record {runaway.ordinal}: a quote never closes")
        line = runaway.first_line
        for end in (b"\n", b"\r\n", b""):
            at = self._text.find(b"\n" + line + end)
            if at >= 0 and (end or at + 1 + len(line) == len(self._text)):
                break
        else:
            raise Unreadable(f"record {runaway.ordinal}: a quote never closes")
        filler = self.delimiter.encode("ascii") * (len(self.columns) + 1)
        self._text = self._text[: at + 1] + filler + self._text[at + 1 + len(line) :]
        self._muted[runaway.ordinal] = line

    def _swallowed(self, frame: pl.DataFrame, several_lines: set[str]) -> None:
        """A cell with a whole record on a line of its own ate that record: its quote ran away."""
        if len(self.columns) == 1:
            return
        cell, end = rf"[^{re.escape(self.delimiter)}\n]*", re.escape(self.delimiter)
        record = rf"\n({cell}{end}){{{len(self.columns) - 1}}}{cell}(\n|$)"
        for name in sorted(several_lines):
            hit = frame.filter(pl.col(name).str.contains("\n", literal=True)).filter(
                pl.col(name).str.contains(record)
            )
            if hit.height:
                start = ('"' + hit[name][0].split("\n")[0]).encode("utf-8")
                text = self._text
                if text is None:
                    with self._source() as source:
                        text = source.read(SALVAGE_LIMIT_BYTES)
                at = text.find(start + b"\n")
                if at < 0:
                    return
                line = text[text.rfind(b"\n", 0, at) + 1 : text.find(b"\n", at)]
                raise _Runaway(int(hit[SOURCE_ROW][0]), line.rstrip(b"\r"))

    def _pass(self) -> Iterator[pl.DataFrame]:
        self._refused = {}
        self._runaway = None
        names = [f"c{i}" for i in range(len(self.columns))]
        reader = pacsv.open_csv(
            self._source(),
            read_options=pacsv.ReadOptions(
                use_threads=False, block_size=BLOCK_BYTES, column_names=names
            ),
            parse_options=pacsv.ParseOptions(
                delimiter=self.delimiter,
                newlines_in_values=True,
                invalid_row_handler=self._invalid,
            ),
            convert_options=pacsv.ConvertOptions(
                check_utf8=self._trusted,  # else the decoder made it valid
                column_types=dict.fromkeys(names, pa.string()),
                strings_can_be_null=True,
                null_values=[""],
            ),
        )
        ordinal = 0
        for batch in reader:
            if ordinal == 0:  # the header is no data, nor do its bytes say anything of the data's
                batch = batch.slice(1)
                ordinal = 1
            frame = pl.DataFrame(pl.from_arrow(batch))
            frame.columns = self.columns
            facts, several_lines = seen.of_columns(batch.columns, self.columns)
            if self._runaway is not None:
                raise self._runaway
            count = frame.height
            span = np.arange(ordinal, ordinal + count + len(self._refused), dtype=np.int64)
            free = span[~np.isin(span, np.fromiter(self._refused, np.int64))][:count]
            frame = frame.with_columns(pl.Series(SOURCE_ROW, free))
            self._swallowed(frame, several_lines)
            self.facts = facts
            yield frame
            if count:
                ordinal = int(free[-1]) + 1
        if self._runaway is not None:
            raise self._runaway

    def batches(self) -> Iterator[pl.DataFrame]:
        while True:
            passed = 0
            try:
                for frame in self._pass():
                    fresh = frame.slice(max(0, min(self._given - passed, frame.height)))
                    passed += frame.height
                    if fresh.height:
                        self._given += fresh.height
                        yield fresh
            except _Runaway as runaway:
                self._mute(runaway)
                continue
            except pa.ArrowInvalid as error:
                if self._trusted:  # broken bytes, if anything: with those marked it may be read
                    self._trusted = False
                    continue
                raise Unreadable("not a CSV file") from error
            self.broken.extend(self._refused[o] for o in sorted(self._refused))
            return


def _without_bom(source: BinaryIO) -> BinaryIO:
    # A decrypted stream cannot seek back, so the start is looked at ahead of reading.
    ahead = io.BufferedReader(source, BLOCK_BYTES)  # type: ignore[type-var]
    if ahead.peek(len(codecs.BOM_UTF8)).startswith(codecs.BOM_UTF8):
        ahead.read(len(codecs.BOM_UTF8))
    return ahead


def read(
    opened: Opener, encoding: str, declared: Collection[str] = (), delimiter: str = ","
) -> TextStream:
    """The records of a CSV; `opened` opens the stream anew from its start."""
    columns = header(opened, encoding, declared, delimiter)
    parser = _Parser(opened, encoding, columns, delimiter)
    stream = TextStream(columns, iter(()), parser.broken)

    def batches() -> Iterator[pl.DataFrame]:
        for frame in parser.batches():
            stream.facts = parser.facts
            yield frame

    stream.batches = batches()
    return stream
