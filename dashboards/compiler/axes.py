"""Blocks with a value axis over a text axis: lines, bars, steps and dots; and heat."""

from __future__ import annotations

from dataclasses import replace

from dashboards.compiler.chart import Chart, Json, Query, conditions, metric
from dashboards.compiler.palette import BACKGROUND, LIMIT_NAME, SERIES_SCHEME, YELLOW, rgba
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
        "color_scheme": SERIES_SCHEME,
        "truncateYAxis": bool(block.options.get("zoom", False)),
        "x_axis_title": "",
        "y_axis_title": "",
        "annotation_layers": [],
    }
    columns: tuple[Json | str, ...] = (_base_axis(axis), *([series] if series else []))
    whole = {**common, **form}
    return Chart(
        page.id,
        block.id,
        block.title,
        viz_type,
        block.options["table"],
        whole,
        Query(
            columns=columns,
            metrics=(value,),
            where=where,
            order_by=((value, False),),
            row_limit=limit,
            extra={
                "series_columns": [series] if series else [],
                "post_processing": _steps(whole),
            },
        ),
    )


def _base_axis(column: str) -> Json:
    return {
        "columnType": "BASE_AXIS",
        "sqlExpression": column,
        "label": column,
        "expressionType": "SQL",
        "isColumnReference": True,
    }


def _steps(form: Json) -> list[Json]:
    """What becomes of the rows before they are drawn, as the browser asks it of a chart on an axis.

    To the letter: an answer that was made ready is found by its question.
    """
    labels = [one["label"] for one in form["metrics"]]
    pivot: Json = {
        "index": [form["x_axis"]],
        "columns": form["groupby"],
        "aggregates": {label: {"operator": "mean"} for label in labels},
        "drop_missing_columns": False,
    }
    steps: list[Json] = [{"operation": "pivot", "options": pivot}]
    sort, ascending = form["x_axis_sort"], form["x_axis_sort_asc"]
    if form["groupby"]:
        if len(labels) == 1:  # `truncate_metric`: a series is named without it
            names = {"columns": {labels[0]: None}, "inplace": True, "level": 0}
            steps.append({"operation": "rename", "options": names})
    elif sort:
        by = {"by": sort} if sort in labels else {"is_sort_index": True}
        steps.append({"operation": "sort", "options": {**by, "ascending": ascending}})
    return [*steps, {"operation": "flatten"}]


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
    if "line_at" in block.options:
        form["annotation_layers"] = [_limit_line(float(block.options["line_at"]))]
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
        "xAxisLabelInterval": "0" if block.options.get("every_label") else "auto",
    }
    if block.options.get("by_value"):
        label = block.options.get("label", block.title)
        form |= {"x_axis_sort": label, "x_axis_sort_asc": horizontal}
    return _axis_chart(page, block, "echarts_timeseries_bar", form)


def waterfall(page: Page, block: Block) -> Chart:
    """`waterfall`: steps of a sum, from the bottom up; each stands on a part without a colour.

    Superset's own waterfall has no colour for a step of its own kind.
    """
    form: Json = {
        "orientation": "horizontal",
        "stack": "Stack",
        "show_value": False,
        "xAxisLabelInterval": "0",
        "rich_tooltip": False,
    }
    return _axis_chart(page, block, "echarts_timeseries_bar", form)


def dots(page: Page, block: Block) -> Chart:
    """`dots`: a dot for each `x`, and one of a second aggregate, `mark`: a value and its target."""
    form: Json = {
        "markerEnabled": True,
        "markerSize": 14,
        "only_total": True,
        "xAxisLabelInterval": "0" if block.options.get("every_label") else "auto",
    }
    chart = _axis_chart(page, block, "echarts_timeseries_scatter", form)
    mark = metric(block.options["mark"], block.options["mark_label"])
    value = chart.form["metrics"][0]
    form |= {**chart.form, "metrics": [value, mark], "show_legend": True}
    extra = {**chart.query.extra, "post_processing": _steps(form)}
    query = replace(chart.query, metrics=(value, mark), extra=extra)
    return replace(chart, form=form, query=query)


def heat(page: Page, block: Block) -> Chart:
    """`heat`: one cell per `x` and `y`; blue only, for red, yellow and green are lights."""
    across, down = block.options["x"], block.options["y"]
    value = metric(block.options["value"], block.options.get("label", block.title))
    form: Json = {
        "x_axis": across,
        "groupby": down,
        "metric": value,
        "sort_x_axis": "alpha_asc",
        "sort_y_axis": "alpha_desc",
        "normalize_across": "heatmap",
        "linear_color_scheme": "dark_blue",
        "y_axis_format": block.options.get("format", ".1f"),
        "value_bounds": [None, None],
        "show_values": True,
        "show_legend": False,
        "show_percentage": False,
        "left_margin": "auto",
        "bottom_margin": "auto",
        "xscale_interval": -1,
        "yscale_interval": -1,
        "border_color": rgba(BACKGROUND),
        "border_width": 1,
    }
    return Chart(
        page.id,
        block.id,
        block.title,
        "heatmap_v2",
        block.options["table"],
        form,
        Query(
            columns=(_base_axis(across), down),
            metrics=(value,),
            where=conditions(block.options.get("where")),
            order_by=((across, True), (down, False)),
            row_limit=5000,
            extra={
                "post_processing": [{"operation": "rank", "options": {"metric": value["label"]}}]
            },
        ),
    )
