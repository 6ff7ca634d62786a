"""Excel → text batches, through calamine (fastexcel): merged titles, groups and footers.

A cell merged over several columns carries its text in the first one only; the declared
header row is the one with a name in every column. Footer rows end the data: the first row
whose first cell matches the declared `footer_pattern`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

import polars as pl

from ingestion.receive.bounds import check_workbook
from ingestion.receive.text import SOURCE_ROW, TextStream, Unreadable, distinct_header


def names_of(rows: Sequence[Sequence[object]]) -> list[str]:
    """The columns' names from the cells of one header row or of several.

    Merged cells: down, the name stands in an upper row; across, it is a group's name, which tells
    apart the columns whose own names repeat.
    """
    texts = [["" if c is None else str(c).strip() for c in row] for row in rows]
    names = list(texts[-1])
    for upper in reversed(texts[:-1]):
        names = [name or above for name, above in zip(names, upper, strict=True)]
    if len(texts) == 1:
        return names
    group, groups = "", []
    for above, own in zip(texts[-2], texts[-1], strict=True):
        group = above or (group if own else "")
        groups.append(group)
    return [
        f"{group}/{name}" if name and group and group != name and names.count(name) > 1 else name
        for group, name in zip(groups, names, strict=True)
    ]


def sheets(content: bytes, only: int | None = None) -> list[pl.DataFrame]:
    """Every sheet of a workbook as cells of text, or the `only` one (from 1)."""
    import fastexcel

    check_workbook(content)
    try:
        book = fastexcel.read_excel(content)
        count = len(book.sheet_names)
        if only is not None and not 1 <= only <= count:
            raise Unreadable(f"the workbook has {count} sheets, the contract reads {only}")
        wanted = range(count) if only is None else (only - 1,)
        return [
            book.load_sheet(n, header_row=None, dtypes="string", skip_rows=0).to_polars()
            for n in wanted
        ]
    except Unreadable:
        raise
    # calamine raises its own kinds for broken zips and XML; a panic of its is no Exception
    except BaseException as error:
        if isinstance(error, KeyboardInterrupt | SystemExit):
            raise
        raise Unreadable(f"not a readable workbook ({type(error).__name__})") from error


def read(
    content: bytes,
    *,
    sheet: int = 1,
    header_row: int | Sequence[int] = 1,
    footer_pattern: str | None = None,
    declared: Collection[str] = (),
) -> TextStream:
    """The records below `header_row` (1-based) of the `sheet`-th sheet, all as text.

    Several header rows, one below the other: a column is named by its lowest cell.
    """
    frame = sheets(content, sheet)[0]
    named_in = [header_row] if isinstance(header_row, int) else list(header_row)
    last = named_in[-1]
    if frame.height < last:
        raise Unreadable(f"the sheet has {frame.height} rows, the header is declared in {last}")
    cells = names_of([frame.row(n - 1) for n in named_in])
    keep = [i for i, cell in enumerate(cells) if cell]
    columns = [cells[i] for i in keep]
    distinct_header(columns, declared)
    body = frame.slice(last)
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
