"""A table as a file that others open: CSV for Excel, a workbook, Parquet. Written whole or not.

A cell of text that begins like a formula is one as soon as somebody opens it (CWE-1236), and text
of ours comes from agencies. Such a cell, or heading, gets an apostrophe before it; numbers stay
numbers.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import polars as pl

SUFFIXES = (".csv", ".xlsx", ".parquet")
MOST_SHEET_ROWS = 1_048_575
# Also after blanks, and in the full width that some programs fold: Excel trims, then looks.
_FORMULA = r"^[\s\u00a0\u3000]*[=+\-@＝＋－＠]|^[\t\r\n]"


class NotWritten(RuntimeError):
    """The file cannot be written as asked; the text says why."""


def suffix_of(path: Path) -> str:
    """The kind of file, or `NotWritten`."""
    if path.suffix.lower() not in SUFFIXES:
        raise NotWritten(f"{path.name}: {', '.join(SUFFIXES)} can be written")
    return path.suffix.lower()


@contextmanager
def draft_of(path: Path) -> Iterator[Path]:
    """A draft beside `path` that becomes it when the block ends well, and is gone otherwise."""
    if path.exists():
        raise NotWritten(f"{path}: there is a file already")
    if not path.parent.is_dir():
        raise NotWritten(f"{path.parent}: no such folder")
    # The kind stays last: writers look at it.
    draft = path.with_name(f".{path.stem}.{os.getpid()}.part{path.suffix}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    os.close(descriptor)
    try:
        yield draft
        # Unlike a rename this never overwrites what somebody laid there meanwhile.
        os.link(draft, path)
    except FileExistsError as error:
        raise NotWritten(f"{path}: there is a file already") from error
    finally:
        draft.unlink(missing_ok=True)


def fingerprint(path: Path) -> str:
    """SHA-256 of a file, which is brought to the disk first."""
    with path.open("rb") as file:
        os.fsync(file.fileno())
        return hashlib.file_digest(file, "sha256").hexdigest()


def harmless(frame: pl.DataFrame) -> pl.DataFrame:
    """The same table, without a text that a spreadsheet would compute."""
    flat = [_flat(frame[name]) for name in frame.columns]
    cells = [
        pl.when(c.str.contains(_FORMULA)).then(pl.lit("'") + c).otherwise(c).alias(c.name)
        if c.dtype == pl.String
        else c
        for c in flat
    ]
    made = pl.select(cells) if cells else frame
    return made.rename(
        {n: f"'{n}" for n in made.columns if pl.Series([n]).str.contains(_FORMULA)[0]}
    )


def _flat(column: pl.Series) -> pl.Series:
    """Lists, structs and categories as text: a cell holds one value."""
    if column.dtype.is_nested():
        return pl.Series(column.name, [None if v is None else str(v) for v in column.to_list()])
    if column.dtype in (pl.Categorical, pl.Enum):
        return column.cast(pl.String)
    return column


def write(frame: pl.DataFrame, path: Path) -> None:
    """Write a table in the form that the file's name asks for."""
    kind = suffix_of(path)
    if kind == ".parquet":
        frame.write_parquet(path)
    elif kind == ".csv":
        # With the mark of its encoding, or Excel reads Chinese as GBK.
        harmless(frame).write_csv(path, include_bom=True)
    else:
        _write_workbook(harmless(frame), path)


def _write_workbook(frame: pl.DataFrame, path: Path) -> None:
    import xlsxwriter

    if frame.height > MOST_SHEET_ROWS:
        raise NotWritten(f"{frame.height:,} rows: a sheet holds {MOST_SHEET_ROWS:,}, take .parquet")
    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False,
               "nan_inf_to_errors": True}  # fmt: skip
    with xlsxwriter.Workbook(str(path), options) as book:
        frame.write_excel(book, worksheet="data", autofilter=False)
