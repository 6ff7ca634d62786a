"""The blocks a page is built from: each turns a specification block into one chart.

- `tiles`: one row per tile of a board table (name, value, unit, target, light, change, period)
- `table`: columns of a table as they are, `columns: {column: Chinese header}`; `light` names
  the column whose words are coloured (a list: each by its own words), `paint` the columns that
  take its colour and `wrap` those whose text may take several lines (`wrap_heads`: the headers);
  `links` names columns of HTML made by our own page SQL: only for tables without a feed's text
- `trend`: lines over an ordered text axis, one line per `series`; `zoom` starts the value axis
  near the lowest value, `top` ends it; `line_at` draws a thin dashed line, the yellow limit
- `bar`: bars over a text axis, stacked by `series`; `horizontal: true` turns them; rows without
  a value in a `present` column are left out
- `waterfall`: steps of a sum as bars; of `series`, the name of nothing but a full-width space is
  the part below a step and bears no colour
- `dots`: a dot for each `x` and one of a second aggregate, `mark`, e.g. the target
- `heat`: a cell per `x` and `y`, the darker the less
- `funnel`: stages in their order
- `number`: one big figure, `value` being an SQL aggregate

What many pages show alike is written once, in `composites.yaml`.
"""

from __future__ import annotations

from collections.abc import Callable

from dashboards.compiler.axes import bar, dots, heat, trend, waterfall
from dashboards.compiler.chart import Chart, Json, Query, conditions, metric
from dashboards.compiler.errors import SpecificationError
from dashboards.compiler.maps import map_block, points
from dashboards.compiler.palette import ACCENT, LIGHTS, STAGES_SCHEME
from dashboards.compiler.specification import Block, Page

_TILE_COLUMNS = ("indicator", "value_text", "unit", "light_text", "target_text")
_INTEGER = ",d"


def compile_block(page: Page, block: Block) -> Chart | None:
    """The chart of a block; None for text."""
    if block.kind == "markdown":
        return None
    if block.kind not in _BLOCKS:
        known = ", ".join(sorted([*_BLOCKS, "markdown"]))
        raise SpecificationError(
            f"{page.file}: {block.id}: no block {block.kind}; there are {known}"
        )
    try:
        return _BLOCKS[block.kind](page, block)
    except KeyError as missing:
        raise SpecificationError(f"{page.file}: {block.id}: {missing} is missing") from missing


def _table_chart(page: Page, block: Block, columns: list[str], form: Json, sort: str) -> Chart:
    descending = sort.startswith("-")
    order = ((sort.lstrip("-"), not descending),) if sort else ()
    limit = int(block.options.get("limit", 500))
    return Chart(
        page.id,
        block.id,
        block.title,
        "table",
        block.options["table"],
        {
            "query_mode": "raw",
            "all_columns": columns,
            "order_by_cols": [f'["{column}", {str(up).lower()}]' for column, up in order],
            "server_pagination": False,
            "table_timestamp_format": "%Y-%m-%d %H:%M",
            "show_cell_bars": False,
            "color_pn": False,
            "include_search": False,
            # Texts may come from a feed: never let a cell be HTML, unless a block says that its
            # table has none of a feed's texts.
            "allow_render_html": bool(block.options.get("links")),
            "allow_rearrange_columns": False,
            "page_length": 0,
            **form,
        },
        Query(
            columns=tuple(columns),
            where=conditions(block.options.get("where")),
            order_by=order,
            row_limit=limit,
        ),
    )


def _light_rules(light: str, painted: list[str]) -> list[Json]:
    return [
        {
            "column": light,
            "operator": "containing",
            "targetValue": shape,
            "colorScheme": colour,
            "objectFormatting": "TEXT_COLOR",
            "columnFormatting": column,
            "useGradient": False,
        }
        for column in painted
        for shape, colour in LIGHTS.items()
    ]


def _tiles(page: Page, block: Block) -> Chart:
    note = block.options["note"]
    columns = [*_TILE_COLUMNS, *note]
    form: Json = {
        "conditional_formatting": _light_rules("light_text", ["value_text", "light_text"]),
        "column_config": {},
    }
    return _table_chart(page, block, columns, form, block.options["sort"])


def _table(page: Page, block: Block) -> Chart:
    headers: dict[str, str] = block.options["columns"]
    right = set(block.options.get("right", ()))
    light = block.options.get("light", ())
    paint = list(block.options.get("paint", ()))
    widths: dict[str, int] = block.options.get("widths", {})
    config = {
        column: {
            "customColumnName": header,
            "d3NumberFormat": _INTEGER,
            "horizontalAlign": "right" if column in right else "left",
            **({"columnWidth": widths[column]} if column in widths else {}),
        }
        for column, header in headers.items()
    }
    form: Json = {
        "column_config": config,
        "conditional_formatting": [
            rule
            for n, one in enumerate([light] if isinstance(light, str) else light)
            for rule in _light_rules(one, [one, *(paint if n == 0 else ())])
        ],
    }
    return _table_chart(page, block, list(headers), form, block.options.get("sort", ""))


def _funnel(page: Page, block: Block) -> Chart:
    stage = block.options["stage"]
    # The chart sorts by size alone; a millionth of the stage's number keeps equal stages in order.
    sized = f"{block.options['value']} - MIN({block.options['sort']}) / 1000000.0"
    value = metric(sized, block.options.get("label", block.title))
    return Chart(
        page.id,
        block.id,
        block.title,
        "funnel",
        block.options["table"],
        {
            "groupby": [stage],
            "metric": value,
            "sort_by_metric": True,
            "percent_calculation_type": "first_step",
            "color_scheme": STAGES_SCHEME,
            "show_labels": True,
            "show_legend": False,
            "label_type": 5,
            "tooltip_label_type": 5,
            "number_format": _INTEGER,
            "legendOrientation": "top",
            "legendType": "scroll",
            "show_tooltip_labels": True,
        },
        Query(
            columns=(stage,),
            metrics=(value,),
            where=conditions(block.options.get("where")),
            order_by=((value, False),),
            row_limit=20,
        ),
    )


def _number(page: Page, block: Block) -> Chart:
    value = metric(block.options["value"], block.title)
    return Chart(
        page.id,
        block.id,
        block.title,
        "big_number_total",
        block.options["table"],
        {
            "metric": value,
            "subtitle": block.options.get("note", ""),
            "header_font_size": 0.5,
            "subtitle_font_size": 0.2,
            "y_axis_format": block.options.get("format", _INTEGER),
            "color_picker": ACCENT,
            "conditional_formatting": [],
        },
        Query(metrics=(value,), where=conditions(block.options.get("where")), row_limit=1),
    )


_BLOCKS: dict[str, Callable[[Page, Block], Chart]] = {
    "tiles": _tiles,
    "table": _table,
    "trend": trend,
    "bar": bar,
    "waterfall": waterfall,
    "dots": dots,
    "heat": heat,
    "funnel": _funnel,
    "number": _number,
    "map": map_block,
    "points": points,
}
