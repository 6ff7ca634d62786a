"""Blocks with a value axis over a text axis: lines and bars."""

from __future__ import annotations

from dashboards.compiler.chart import Chart, Json, Query, conditions, metric
from dashboards.compiler.palette import LIMIT_NAME, YELLOW
from dashboards.compiler.specification import Block, Page


def _axis_chart(page: Page, block: Block, viz_type: str, form: Json) -> Chart:
    axis, series = block.options["x"], block.options.get("series")
    value = metric(block.options["value"], block.options.get("label", block.title))
    where = conditions(block.options.get("where"))
    where += tuple((column, "IS NOT NULL", None) for column in block.options.get("present", ()))
    limit = int(block.options.get("limit", 5000))
    common: Json = {
        "x_axis": axis,
        "metrics": [value],
        "groupby": [series] if series else [],
        "xAxisForceCategorical": True,
        "x_axis_sort": None if block.options.get("by_value") else axis,
        "x_axis_sort_asc": True,
        "sort_series_type": "name",
        "sort_series_ascending": True,
        "order_desc": True,
        "truncate_metric": True,
        "show_empty_columns": True,
        "rich_tooltip": True,
        "tooltipTimeFormat": "%Y年%m月",
        "x_axis_time_format": "%Y年%m月",
        "y_axis_format": block.options.get("format", ",d"),
        "y_axis_bounds": [None, block.options.get("top")],
        "legendType": "plain",
        "legendOrientation": "top",
        "show_legend": bool(series),
        "color_scheme": "supersetColors",
        "truncateYAxis": bool(block.options.get("zoom", False)),
        "x_axis_title": "",
        "y_axis_title": "",
        "annotation_layers": [],
    }
    columns: tuple[Json | str, ...] = (
        {"columnType": "BASE_AXIS", "sqlExpression": axis, "label": axis, "expressionType": "SQL"},
        *([series] if series else []),
    )
    pivot: Json = {
        "operation": "pivot",
        "options": {
            "index": [axis],
            "columns": [series] if series else [],
            "aggregates": {value["label"]: {"operator": "mean"}},
            "drop_missing_columns": False,
        },
    }
    return Chart(
        page.id,
        block.id,
        block.title,
        viz_type,
        block.options["table"],
        {**common, **form},
        Query(
            columns=columns,
            metrics=(value,),
            where=where,
            order_by=((value, False),),
            row_limit=limit,
            extra={
                "series_columns": [series] if series else [],
                "post_processing": [pivot, {"operation": "flatten"}],
            },
        ),
    )


def trend(page: Page, block: Block) -> Chart:
    """`trend`: lines over an ordered text axis."""
    form: Json = {
        "seriesType": "line",
        "markerEnabled": True,
        "markerSize": 4,
        "opacity": 0.2,
        "only_total": True,
        "xAxisLabelRotation": int(block.options.get("rotate", 0)),
        # In the legend from first to last; drawn from last to first, the first over the others.
        "sort_series_ascending": False,
        "legend_sort": "asc",
    }
    if "limit" in block.options:
        form["annotation_layers"] = [_limit_line(float(block.options["limit"]))]
    return _axis_chart(page, block, "echarts_timeseries_line", form)


def _limit_line(value: float) -> Json:
    return {
        "name": LIMIT_NAME,
        "annotationType": "FORMULA",
        "value": f"{value:g}",
        "style": "dashed",
        "width": 1,
        "color": YELLOW,
        "opacity": "opacityMedium",
        "show": True,
        "showLabel": False,
        "showMarkers": False,
        "hideLine": False,
        "overrides": {"time_range": None},
        "sourceType": "",
        "descriptionColumns": [],
    }


def bar(page: Page, block: Block) -> Chart:
    """`bar`: bars over a text axis."""
    horizontal = bool(block.options.get("horizontal", False))
    form: Json = {
        "orientation": "horizontal" if horizontal else "vertical",
        "stack": "Stack" if block.options.get("series") else None,
        "show_value": bool(block.options.get("show_value", horizontal)),
        "only_total": True,
        "xAxisLabelRotation": int(block.options.get("rotate", 0)),
    }
    if block.options.get("by_value"):
        label = block.options.get("label", block.title)
        form |= {"x_axis_sort": label, "x_axis_sort_asc": horizontal}
    return _axis_chart(page, block, "echarts_timeseries_bar", form)
