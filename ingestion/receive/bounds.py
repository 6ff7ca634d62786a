"""What no reader may be made to hold: bounds that are checked before a file is opened.

A workbook of a few kilobytes can expand to gigabytes, or name a cell so far from the first that
the rectangle between them fills the memory. Both are seen from the zip's members, read once.
"""

from __future__ import annotations

import io
import zipfile

import numpy as np

from ingestion.receive.text import Unreadable

MAX_COLUMNS = 2_000
MAX_CELLS = 60_000_000  # a full sheet of 57 columns
MAX_PARTS = 10_000
MAX_CLEAR_BYTES = 1 << 30
MAX_EXPANSION = 200
# Below this a high ratio is only a short sheet that repeats itself.
SMALL_BYTES = 1 << 24
CHUNK_BYTES = 1 << 24
_OLD_WORKBOOK = b"\xd0\xcf\x11\xe0"  # BIFF: at most 65,536 rows of 256 cells
_REFERENCE_BYTES = 16
_BLANKS = (0x20, 0x09, 0x0A, 0x0D)


def check_columns(count: int) -> None:
    """Refuse a table of more columns than any contract has."""
    if count > MAX_COLUMNS:
        raise Unreadable(f"there are {count} columns, more than {MAX_COLUMNS}")


def _extent(xml: bytes) -> tuple[int, int]:
    """The largest row and column that an attribute r="XFD1048576" names."""
    raw = np.frombuffer(xml + bytes(_REFERENCE_BYTES), np.uint8)
    at = np.flatnonzero((raw[1:-2] == ord("r")) & (raw[2:-1] == ord("=")))
    at = at[np.isin(raw[at], _BLANKS) & np.isin(raw[at + 3], (0x22, 0x27))] + 4
    row, column = np.zeros(len(at), np.int64), np.zeros(len(at), np.int64)
    going = np.ones(len(at), np.bool_)
    for place in range(_REFERENCE_BYTES - 5):
        char = raw[np.minimum(at + place, len(raw) - 1)].astype(np.int64)
        letter, digit = (char >= 65) & (char <= 90), (char >= 48) & (char <= 57)
        going &= letter | digit
        column = np.where(going & letter, column * 26 + char - 64, column)
        row = np.where(going & digit, row * 10 + char - 48, row)
    return int(row.max(initial=0)), int(column.max(initial=0))


def _check_part(book: zipfile.ZipFile, part: zipfile.ZipInfo) -> None:
    """Read a part to its end, which proves its length and checksum, and see how far it reaches."""
    rows = columns = 0
    tail = b""
    places_cells = part.filename.endswith(".xml") and "sharedStrings" not in part.filename
    with book.open(part) as stream:
        while block := stream.read(CHUNK_BYTES):
            if places_cells:
                high, wide = _extent(tail + block)
                rows, columns = max(rows, high), max(columns, wide)
                tail = block[-2 * _REFERENCE_BYTES :]
    check_columns(columns)
    if rows * columns > MAX_CELLS:
        raise Unreadable(f"a sheet spans {rows} rows of {columns} cells, beyond {MAX_CELLS} cells")


def check_workbook(content: bytes) -> None:
    """Refuse a workbook that would not fit a machine; raises `Unreadable`."""
    if content.startswith(_OLD_WORKBOOK):
        return
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as book:
            parts = book.infolist()
            size = sum(p.file_size for p in parts)
            allowed = min(MAX_CLEAR_BYTES, max(SMALL_BYTES, MAX_EXPANSION * len(content)))
            if len(parts) > MAX_PARTS or size > allowed:
                raise Unreadable(
                    f"the workbook expands to {len(parts)} parts of {size >> 20} MiB, beyond "
                    f"{MAX_PARTS} parts, {MAX_CLEAR_BYTES >> 20} MiB or {MAX_EXPANSION} times"
                )
            for part in parts:
                _check_part(book, part)
    except Unreadable:
        raise
    except Exception as error:  # zipfile lets errors of zlib, struct and encodings through
        raise Unreadable("not a readable workbook (no whole zip file)") from error
