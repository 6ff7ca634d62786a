"""What a browser asks when it opens a page: each chart with the filters as they stand, each filter.

As Superset's own pages ask it, so that an answer made ready before is found
(`dashboards/server/question.py` says in what two questions may differ and still be one). Datasets
are named by their UUID where the server has its own number.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from dashboards.compiler.bundle import Bundle
from dashboards.compiler.chart import Chart, Query
from dashboards.compiler.layout import follows
from dashboards.compiler.names import identity
from dashboards.compiler.specification import Filter, Page

_VALUES = 1000  # how many choices of a filter Superset reads


def chart_questions(bundle: Bundle) -> Iterator[tuple[Page, Chart, dict[str, Any]]]:
    """Of every page; a twin asks what its page asks."""
    for page in bundle.pages:
        for block_id, chart in bundle.charts[page.id].items() if not page.of else ():
            body = json.loads(chart.query_context())
            body["datasource"]["id"] = identity("dataset", chart.table)
            body["queries"][0]["filters"] += [
                {"col": one.column, "op": "IN", "val": [one.default]}
                for one in page.filters
                if one.default and follows(one, block_id, chart, bundle.tables)
            ]
            yield page, chart, body


def filter_questions(bundle: Bundle) -> Iterator[tuple[Page, Filter, dict[str, Any]]]:
    """The choices of every filter of every page."""
    for page in bundle.pages:
        for one in page.filters if not page.of else ():
            order = f"order_by_{one.sort}" if one.sort else one.column
            query = Query(
                columns=(one.column,),
                metrics=(),
                order_by=((order, not one.descending),),
                row_limit=_VALUES,
            )
            chart = Chart(page.id, one.name, one.name, "filter_select", one.table, {}, query)
            body = json.loads(chart.query_context())
            body["datasource"]["id"] = identity("dataset", one.table)
            body["queries"][0]["metrics"] = [order] if one.sort else []
            yield page, one, body
