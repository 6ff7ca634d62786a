"""Rows of blocks as Superset's position tree, filters as native filters, one style sheet."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from dashboards.compiler.chart import Chart, Json
from dashboards.compiler.names import chart_name, filter_id, identity, short
from dashboards.compiler.narrow import narrow_style
from dashboards.compiler.palette import BAR, SERIES_OF
from dashboards.compiler.specification import Block, Filter, Page
from dashboards.compiler.tables import Tables

_THEME = Path(__file__).resolve().parents[1] / "theme"
_GRID = ["ROOT_ID", "GRID_ID"]


def dashboard(page: Page, charts: dict[str, Chart], tables: Tables) -> Json:
    """The native dashboard of a page; `charts` by block id."""
    numbers = {block_id: number for number, block_id in enumerate(charts, 1)}
    return {
        "dashboard_title": page.title,
        "description": None,
        "css": style(page),
        "slug": page.id,
        "uuid": identity("dashboard", page.id),
        "position": _position(page, charts, numbers),
        "metadata": _metadata(page, charts, numbers, tables),
        "published": True,
        "version": "1.0.0",
    }


def style(page: Page) -> str:
    """The common style sheet, and the shape of each tiles block, found by its chart's name."""
    sheet = (_THEME / "pages.css").read_text(encoding="utf-8")
    tiles = (_THEME / "tiles.css").read_text(encoding="utf-8")
    figures = (_THEME / "figures.css").read_text(encoding="utf-8")
    strip = (_THEME / "strip.css").read_text(encoding="utf-8")
    parts = [sheet]
    for block in page.blocks:
        name = chart_name(page.charts_of, block.id, block.title)
        holder = f'.chart-slice[data-test-chart-name="{name}"]'
        if block.kind == "tiles":
            parts.append(tiles.replace("&tiles", holder))
        if block.options.get("look") == "figures":
            parts.append(figures.replace("&tiles", holder))
        if block.options.get("look") == "strip":
            parts.append(strip.replace("&strip", holder))
        if block.options.get("wrap_heads"):
            parts.append(f"{holder} table.table thead tr > th {{ white-space: normal; }}")
        columns = list(block.options.get("columns", ()))
        parts += [
            f"{holder} table.table tr > td:nth-child({columns.index(column) + 1})"
            " { white-space: normal; }"
            for column in block.options.get("wrap", ())
        ]
    if page.refresh_seconds:
        parts.append((_THEME / "wall.css").read_text(encoding="utf-8"))
    if page.of:
        parts.append(narrow_style(page))
    return "\n".join(parts)


def _position(page: Page, charts: dict[str, Chart], numbers: dict[str, int]) -> Json:
    position: Json = {
        "DASHBOARD_VERSION_KEY": "v2",
        "ROOT_ID": {"id": "ROOT_ID", "type": "ROOT", "children": ["GRID_ID"]},
        "GRID_ID": {"id": "GRID_ID", "type": "GRID", "children": [], "parents": ["ROOT_ID"]},
        "HEADER_ID": {"id": "HEADER_ID", "type": "HEADER", "meta": {"text": page.title}},
    }
    for number, row in enumerate(page.rows, 1):
        row_id = f"ROW-{short('row', f'{page.id}/{number}')}"
        children = []
        for block in row.blocks:
            component = _component(page, block, charts.get(block.id), numbers, row.height, row_id)
            children.append(component["id"])
            position[component["id"]] = component
        position[row_id] = {
            "id": row_id,
            "type": "ROW",
            "children": children,
            "parents": _GRID,
            "meta": {"background": "BACKGROUND_TRANSPARENT"},
        }
        position["GRID_ID"]["children"].append(row_id)
    return position


def _component(
    page: Page, block: Block, chart: Chart | None, numbers: dict[str, int], height: int, row: str
) -> Json:
    common: Json = {"children": [], "parents": [*_GRID, row]}
    if chart is None:
        identifier = f"MARKDOWN-{short('markdown', f'{page.id}/{block.id}')}"
        meta: Json = {"width": block.width, "height": height, "code": block.options["text"]}
        return {"id": identifier, "type": "MARKDOWN", "meta": meta, **common}
    identifier = f"CHART-{short('chart', f'{page.id}/{block.id}')}"
    meta = {
        "chartId": numbers[block.id],
        "uuid": chart.uuid,
        "sliceName": chart.name,
        "width": block.width,
        "height": height,
    }
    return {"id": identifier, "type": "CHART", "meta": meta, **common}


def _metadata(
    page: Page, charts: dict[str, Chart], numbers: dict[str, int], tables: Tables
) -> Json:
    return {
        "color_scheme": "",
        "color_namespace": "",
        "label_colors": {**SERIES_OF, **_bare_metrics(charts)},
        "shared_label_colors": [],
        "map_label_colors": {},
        "cross_filters_enabled": False,
        "expanded_slices": {},
        "timed_refresh_immune_slices": [],
        "refresh_frequency": page.refresh_seconds,
        "filter_bar_orientation": "HORIZONTAL",
        "chart_configuration": {},
        "global_chart_configuration": {
            "scope": {"rootPath": ["ROOT_ID"], "excluded": []},
            "chartsInScope": [],
        },
        "native_filter_configuration": [
            _native_filter(page, one, charts, numbers, tables) for one in page.filters
        ],
    }


def _bare_metrics(charts: dict[str, Chart]) -> dict[str, str]:
    """Charts without series are drawn in the one calm colour, by the name of their metric."""
    bare = [c for c in charts.values() if "metrics" in c.form and not c.form["groupby"]]
    labels = {metric["label"] for chart in bare for metric in chart.form["metrics"]}
    return dict.fromkeys(sorted(labels - SERIES_OF.keys()), BAR)


def _native_filter(
    page: Page,
    one: Filter,
    charts: dict[str, Chart],
    numbers: dict[str, int],
    tables: Tables,
) -> Json:
    excluded = [
        numbers[block_id]
        for block_id, chart in charts.items()
        if not follows(one, block_id, chart, tables)
    ]
    identifier = filter_id(page.id, one.name)
    return {
        "id": identifier,
        "name": one.name,
        "type": "NATIVE_FILTER",
        "filterType": "filter_select",
        "description": "",
        "targets": [
            {"datasetUuid": identity("dataset", one.table), "column": {"name": one.column}}
        ],
        "defaultDataMask": (
            data_mask(one.column, one.default)
            if one.default
            else {"extraFormData": {}, "filterState": {}, "ownState": {}}
        ),
        # A filter with a default always holds one choice; one without may be empty.
        "controlValues": {
            "multiSelect": False,
            "enableEmptyFilter": bool(one.default),
            "defaultToFirstItem": False,
            "inverseSelection": False,
            "searchAllOptions": False,
            "sortAscending": not one.descending,
        },
        **({"sortMetric": f"order_by_{one.sort}"} if one.sort else {}),
        "cascadeParentIds": [],
        "scope": {"rootPath": ["ROOT_ID"], "excluded": excluded},
        "tabsInScope": [],
    }


def follows(one: Filter, block_id: str, chart: Chart, tables: Tables) -> bool:
    """Whether a chart obeys a filter: it has the column, and the filter means it."""
    has_column = any(column.name == one.column for column in tables.get(chart.table, []))
    meant = (not one.only or block_id in one.only) and block_id not in one.but
    return has_column and meant


def data_mask(column: str, value: str) -> dict[str, Any]:
    """A filter's choice as Superset stores it."""
    return {
        "extraFormData": {"filters": [{"col": column, "op": "IN", "val": [value]}]},
        "filterState": {"value": [value], "label": value, "validateStatus": False},
        "ownState": {},
    }
