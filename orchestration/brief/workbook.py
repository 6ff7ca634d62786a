"""The tables of a brief as a workbook: one sheet each, the same bytes for the same content.

Text of ours comes from agencies, so a cell is text even if it begins like a formula (CWE-1236):
it is written as a string, and marked so that a spreadsheet does not reconsider when it is edited.
"""

from __future__ import annotations

import io
from typing import Any

from orchestration.brief.content import Content, Sheet

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")
WIDEST = 60
_OPTIONS = {
    "in_memory": True, "strings_to_formulas": False, "strings_to_urls": False,
    "strings_to_numbers": False,
}  # fmt: skip


def xlsx(content: Content) -> bytes:
    """The workbook's bytes."""
    import xlsxwriter

    made = io.BytesIO()
    document = content.document
    with xlsxwriter.Workbook(made, _OPTIONS) as book:
        book.set_properties({"title": document["title"], "created": content.as_of})
        styles = {
            "head": book.add_format({"bold": True, "bottom": 1, "text_wrap": True}),
            "number": book.add_format({"num_format": "#,##0"}),
            "text": book.add_format({"valign": "top"}),
            "literal": book.add_format({"valign": "top", "quote_prefix": True}),
        }
        _cover(book.add_worksheet("说明"), document, styles)
        for sheet in content.sheets:
            _fill(book.add_worksheet(sheet.name), sheet, styles)
    return made.getvalue()


def _cover(sheet: Any, document: dict[str, Any], styles: dict[str, Any]) -> None:
    lines = [
        ("标题", document["title"]), ("范围", document["place"]), ("时段", document["period"]),
        ("起止", document["span"]), ("状态", document["state"]), ("发布", document["release_note"]),
        ("数据", document["synthetic"]), ("数据截至", document["as_of"]),
        ("数据版本", document["release"]),
        *[("要点", point) for point in document["points"]],
        *[("方法", method) for method in document["methods"]],
    ]  # fmt: skip
    sheet.set_column(0, 0, 12)
    sheet.set_column(1, 1, 100)
    for number, (name, text) in enumerate(lines):
        sheet.write_string(number, 0, name, styles["head"])
        _write(sheet, number, 1, text, styles)


def _fill(sheet: Any, table: Sheet, styles: dict[str, Any]) -> None:
    sheet.freeze_panes(1, 0)
    for column, (name, heading) in enumerate(table.columns.items()):
        cells = table.rows[name].to_list()
        sheet.write_string(0, column, heading, styles["head"])
        for row, cell in enumerate(cells, start=1):
            _write(sheet, row, column, cell, styles)
        widest = max([len(heading), *(len(str(c)) for c in cells if c is not None)])
        sheet.set_column(column, column, min(WIDEST, 2 * widest + 2))


def _write(sheet: Any, row: int, column: int, cell: Any, styles: dict[str, Any]) -> None:
    if cell is None:
        return
    if isinstance(cell, int | float) and not isinstance(cell, bool):
        sheet.write_number(row, column, cell, styles["number"])
        return
    text = str(cell)
    literal = text.lstrip(" \u00a0\u3000").startswith(FORMULA_STARTS) or text.startswith(
        FORMULA_STARTS
    )
    sheet.write_string(row, column, text, styles["literal" if literal else "text"])
