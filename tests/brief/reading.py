"""What stands in the files of a brief, read back by other programs than wrote them."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pypdfium2  # type: ignore[import-untyped]
import pypdfium2.raw as raw  # type: ignore[import-untyped]


def pages_of(pdf: Path) -> list[str]:
    """The text of each page."""
    document = pypdfium2.PdfDocument(str(pdf))
    try:
        return [page.get_textpage().get_text_range() for page in document]
    finally:
        document.close()


def text_of(pdf: Path) -> str:
    """All text, without line breaks, which come wherever a line was full."""
    return "".join(pages_of(pdf)).replace("\r", "").replace("\n", "")


def kinds_of_objects(pdf: Path) -> set[int]:
    """Kinds of the objects on the pages (text, path, image, …) by pdfium's numbers."""
    document = pypdfium2.PdfDocument(str(pdf))
    try:
        return {thing.type for page in document for thing in page.get_objects(max_depth=6)}
    finally:
        document.close()


IMAGE, PATH = raw.FPDF_PAGEOBJ_IMAGE, raw.FPDF_PAGEOBJ_PATH


def cells_of(xlsx: Path) -> dict[str, list[list[object]]]:
    """Sheet → rows of values."""
    book = openpyxl.load_workbook(xlsx)
    return {s.title: [list(row) for row in s.iter_rows(values_only=True)] for s in book.worksheets}


def words_of(xlsx: Path) -> str:
    """Every text cell of every sheet."""
    return "\n".join(
        str(c) for rows in cells_of(xlsx).values() for row in rows for c in row if c is not None
    )
