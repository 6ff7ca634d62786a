"""What `verify` looks at, from the cheapest to the truest."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import duckdb

from dashboards.compiler.appearance import appearance_problems
from dashboards.compiler.browser import View, browser, open_page
from dashboards.compiler.bundle import Bundle
from dashboards.compiler.chart import Chart
from dashboards.compiler.errors import SupersetRefused
from dashboards.compiler.names import identity
from dashboards.compiler.opening import chart_questions
from dashboards.compiler.session import Session
from dashboards.compiler.specification import Page


def chain_problems(bundle: Bundle, pages_file: Path) -> list[str]:
    """Offline: every name on the way page → chart → dataset → column exists in the page file."""
    problems = []
    uuids = {content["uuid"] for content in bundle.files.values()}
    for page in bundle.pages:
        dashboard = bundle.files[f"dashboards/{page.id}.yaml"]
        for component in dashboard["position"].values():
            if not isinstance(component, dict) or component["type"] != "CHART":
                continue
            if component["meta"]["uuid"] not in uuids:
                problems.append(f"{page.id}: {component['meta']['sliceName']}: no such chart")
        for one in page.filters:
            if one.column not in {column.name for column in bundle.tables.get(one.table, [])}:
                problems.append(f"{page.id}: filter {one.name}: no column {one.table}.{one.column}")
        for chart in bundle.charts[page.id].values():
            if identity("dataset", chart.table) not in uuids:
                problems.append(f"{page.id}: {chart.name}: no dataset {chart.table}")
    with duckdb.connect(str(pages_file), read_only=True) as connection:
        for page in bundle.pages:
            for chart in bundle.charts[page.id].values():
                problems += _column_problems(connection, page, chart)
    return problems


def _column_problems(connection: duckdb.DuckDBPyConnection, page: Page, chart: Chart) -> list[str]:
    """Let DuckDB bind every column and aggregate of a chart, one by one, reading no row."""
    plain = [c if isinstance(c, str) else c["sqlExpression"] for c in chart.query.columns]
    sorted_by = [column for column, _ in chart.query.order_by if isinstance(column, str)]
    filtered = [column for column, _, _ in chart.query.where]
    wanted = [f'"{name}"' for name in dict.fromkeys([*plain, *sorted_by, *filtered])]
    wanted += [one["sqlExpression"] for one in chart.query.metrics or ()]
    problems = []
    for expression in wanted:
        try:
            connection.execute(f'select {expression} from "{chart.table}" limit 0')
        except duckdb.Error as error:
            first_line = str(error).splitlines()[0]
            problems.append(f"{page.id}: {chart.name}: {chart.table}: {first_line}")
    return problems


def query_problems(bundle: Bundle, session: Session) -> list[str]:
    """Through the chart data API, with the page's default filters: an answer with rows."""
    problems = []
    for page, chart, body in questions(bundle, session):
        if body is None:
            problems.append(f"{page.id}: {chart.name}: dataset {chart.table} not deployed")
            continue
        problems += [f"{page.id}: {chart.name}: {fault}" for fault in _ask(session, body)]
    return problems


def questions(
    bundle: Bundle, session: Session
) -> Iterator[tuple[Page, Chart, dict[str, Any] | None]]:
    """What each chart asks when its page is opened, as the chart data API takes it; None where its
    dataset is not on the server. A twin asks what its page asks."""
    numbers = {str(one["uuid"]): one["id"] for one in session.all("dataset", ["id", "uuid"])}
    for page, chart, body in chart_questions(bundle):
        number = numbers.get(body["datasource"]["id"])
        body["datasource"]["id"] = number
        yield page, chart, body if number is not None else None


def _ask(session: Session, body: dict[str, Any]) -> list[str]:
    try:
        answer = session.post("/api/v1/chart/data", body)["result"][0]
    except SupersetRefused as refused:
        return [str(refused)]
    if answer.get("error"):
        return [str(answer["error"])]
    return [] if answer.get("rowcount") else ["no rows"]


def page_problems(
    bundle: Bundle,
    *,
    narrowest: bool = False,
    also: Callable[[Page, View], list[str]] = lambda page, view: [],
) -> list[str]:
    """In a real browser as a leader: no error box, no empty chart, no other host asked, the look
    that the page is designed to have, and whatever else the caller looks for; at every width the
    page is made for, or only at the smallest."""
    problems = []
    with browser("leader") as context:
        for page in bundle.pages:
            for width in page.widths[-1:] if narrowest else page.widths:
                view = open_page(context, page.id, width)
                found = [*view.faults, *(f"asks {url}" for url in view.foreign_requests)]
                found += appearance_problems(view.page, page)
                found += also(page, view)
                found += [f"console: {text[:200]}" for text in sorted(set(view.console_errors))]
                problems += [f"{page.id} at {width}: {fault}" for fault in found]
                view.page.close()
    return problems
