"""Workbooks as offices send them: a title, perhaps merged groups, labels, rows, footnotes."""

from __future__ import annotations

from datetime import date, datetime, time
from pathlib import Path

import polars as pl
import xlsxwriter

Group = tuple[str, list[tuple[str, str]]]


def write(
    path: Path,
    rows: pl.DataFrame,
    groups: list[Group],
    title: str,
    footnotes: tuple[str, ...],
    day: date,
    numbers: tuple[str, ...] = (),
    dates: tuple[str, ...] = (),
) -> None:
    """Write one sheet. `groups` names the columns in order; a single group gets no merged row.

    Columns in `numbers` are written as numbers, those in `dates` as the spreadsheet's own dates
    (serial numbers with a format), where their text is one.
    """
    fields = [field for _, members in groups for field in members]
    with xlsxwriter.Workbook(path) as book:
        # the moment of the file is its day, not the clock: the same city gives the same bytes
        book.set_properties({"created": datetime.combine(day, time(17))})
        sheet = book.add_worksheet("Sheet1")
        bold = book.add_format({"bold": True, "align": "center", "border": 1})
        sheet.merge_range(0, 0, 0, len(fields) - 1, title, bold)
        line = 1
        if len(groups) > 1:
            column = 0
            for name, members in groups:
                sheet.merge_range(line, column, line, column + len(members) - 1, name, bold)
                column += len(members)
            line += 1
        dated = book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})
        sheet.write_row(line, 0, [label for _, label in fields], bold)
        first = line + 1
        for column, (name, _) in enumerate(fields):
            values = rows[name].to_list()
            if name in numbers:
                values = [_number(v) for v in values]
            if name in dates:
                values = [_moment(v) for v in values]
            cells = ["" if v is None else v for v in values]
            sheet.write_column(first, column, cells, dated if name in dates else None)
        for offset, note in enumerate(footnotes):
            sheet.write_string(first + rows.height + offset, 0, note)
        sheet.set_column(0, len(fields) - 1, 16)


def _number(text: str | None) -> float | str | None:
    try:
        return None if text is None else float(text)
    except ValueError:
        return text


def _moment(text: str | None) -> datetime | str | None:
    try:
        return None if text is None else datetime.fromisoformat(text)
    except ValueError:
        return text
