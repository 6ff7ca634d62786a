"""The one-column twin of a page, for a telephone 390 px wide: generated, never written.

A twin has an address and a layout of its own and the very charts of its page, so a number cannot
differ between the two. Each block takes the whole width, in reading order; a table keeps the
columns its block names in `narrow`, by default its first column, its lights and what follows, up
to four. Columns that are not kept are in the chart and out of sight.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from dashboards.compiler.names import chart_name
from dashboards.compiler.specification import GRID_COLUMNS, Block, Page, Row

_SHEET = Path(__file__).resolve().parents[1] / "theme" / "narrow.css"
_COLUMNS = 4
# Heights in units of 8 px; what is not named keeps its own.
_HEIGHTS = {"tiles": 36, "trend": 38, "bar": 38, "funnel": 34, "dots": 38, "map": 54}
_WORDS, _STRIP = 8, 11
_WRAPPED = 3
# A name may break in a narrow column.
_TALLER = 1.1


def twin(page: Page) -> Page:
    """The narrow page of a page."""
    rows = tuple(
        Row(_height(row, block), (replace(block, width=GRID_COLUMNS),))
        for row in page.rows
        for block in row.blocks
    )
    return replace(
        page, id=f"{page.id}-390", title=f"{page.title}（手机版）", rows=rows, of=page.id
    )


def narrow_style(page: Page) -> str:
    """What the twin's style sheet says besides the common one."""
    parts = [_SHEET.read_text(encoding="utf-8")]
    for block in page.blocks:
        columns = list(block.options.get("columns", ()))
        if block.kind != "table" or block.options.get("look"):
            continue
        name = chart_name(page.charts_of, block.id, block.title)
        holder = f'.chart-slice[data-test-chart-name="{name}"]'
        parts.append(f"{holder} table.table tr > :first-child {{ width: 40%; }}")
        hidden = [n for n, column in enumerate(columns, 1) if column not in kept(block)]
        cell = f"{holder} table.table :is(tr, colgroup) > "
        parts += [f"{cell}:nth-child({n}) {{ display: none !important; }}" for n in hidden]
    return "\n".join(parts)


def kept(block: Block) -> list[str]:
    """The columns of a table that a narrow page shows."""
    columns = list(block.options["columns"])
    if named := block.options.get("narrow"):
        return list(named)
    light = block.options.get("light", ())
    lights = [light] if isinstance(light, str) else list(light)
    first = [columns[0], *(one for one in lights if one in columns)]
    wanted = list(dict.fromkeys([*first, *columns]))[:_COLUMNS]
    return [column for column in columns if column in wanted]


def _height(row: Row, block: Block) -> int:
    if block.kind == "markdown":
        # A banner is a line or two; what is higher on the wide page is a list, and wraps.
        return _WORDS if row.height <= _WORDS else row.height * _WRAPPED
    if block.options.get("look") == "strip":
        return _STRIP
    if block.kind == "table":
        return round(row.height * _TALLER)
    return _HEIGHTS.get(block.kind, row.height)
