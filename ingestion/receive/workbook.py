"""Excel → text batches, through calamine (fastexcel): merged titles, groups and footers.

A cell merged over several columns carries its text in the first one only; the declared
header row is the one with a name in every column. Footer rows end the data: the first row
whose first cell matches the declared `footer_pattern`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

import polars as pl

from ingestion.receive.text import SOURCE_ROW, TextStream, Unreadable, distinct_header


def read(
    content: bytes,
    *,
    sheet: int = 1,
    header_row: int = 1,
    footer_pattern: str | None = None,
    declared: Collection[str] = (),
) -> TextStream:
    """The records below `header_row` (1-based) of the `sheet`-th sheet, all as text."""
    import fastexcel

    try:
        book = fastexcel.read_excel(content)
        names = book.sheet_names
        if sheet > len(names):
            raise Unreadable(f"the workbook has {len(names)} sheets, the contract reads {sheet}")
        loaded = book.load_sheet(sheet - 1, header_row=None, dtypes="string", skip_rows=0)
        frame = loaded.to_polars()
    except Unreadable:
        raise
    except Exception as error:  # calamine raises its own kinds for broken zips and XML
        raise Unreadable(f"not a readable workbook ({type(error).__name__})") from error
    if frame.height < header_row:
        raise Unreadable(
            f"the sheet has {frame.height} rows, the header is declared in {header_row}"
        )
    cells = ["" if c is None else str(c).strip() for c in frame.row(header_row - 1)]
    keep = [i for i, cell in enumerate(cells) if cell]
    columns = [cells[i] for i in keep]
    distinct_header(columns, declared)
    body = frame.slice(header_row)
    stray = [i for i in range(len(cells)) if i not in keep and body[:, i].is_not_null().any()]
    body = body.with_row_index(SOURCE_ROW, offset=1).with_columns(pl.col(SOURCE_ROW).cast(pl.Int64))
    if footer_pattern:
        first = body.columns[1]
        foot = body.filter(pl.col(first).str.strip_chars().str.contains(footer_pattern))
        if foot.height:
            end = int(foot[SOURCE_ROW][0])
            body = body.filter(pl.col(SOURCE_ROW) < end)
            stray = [i for i in stray if body[:, i + 1].is_not_null().any()]
    if stray:
        letters = ", ".join(_letter(i) for i in stray)
        raise Unreadable(f"cells without a column name in column {letters}")
    data = body.columns[1:]
    body = body.select(
        SOURCE_ROW, *[pl.col(data[i]).alias(c) for i, c in zip(keep, columns, strict=True)]
    )
    # An empty row of a sheet is layout, not a record.
    body = body.filter(pl.any_horizontal(pl.col(columns).is_not_null()))
    body = body.select(*columns, SOURCE_ROW)

    def batches() -> Iterator[pl.DataFrame]:
        yield body

    return TextStream(columns, batches())


def _letter(index: int) -> str:
    """0 → A, 26 → AA: how a spreadsheet names its columns."""
    name = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        name = chr(65 + rest) + name
    return name
