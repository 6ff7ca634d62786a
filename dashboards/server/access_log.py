"""Superset writes the same access log as the command line (DP-12). Runs in Superset's environment.

What is recorded: chart data with its dataset, chosen filters, row rule and number of rows; each
statement of SQL Lab before it runs and what came of it; every export; every opened page. Superset's
own action log stays as it is: it can be edited, and knows neither rows nor filters.

When the log cannot be written, SQL Lab and exports are refused: rows that leave the page are an
access that must be known of. A chart on a page is published aggregates for a logged-in official,
and a command centre must not go dark because a disk is full: it is shown, the miss is counted, said
in `superset.log`, and told by the first record that can be written again.
"""

from __future__ import annotations

import functools
import json
import logging
import threading
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from flask import Flask, Response, abort, g, request

from dashboards.server import answers, asking
from dashboards.server.asking import user_here
from dashboards.server.question import number
from dashboards.server.seen import Seen, access, seen
from ingestion import clock
from ingestion.access import ACCESS, PROVISION, Access, NotLogged, Who

_log = logging.getLogger("fengqiao.access")
# Paths that hand out definitions or pictures of pages; data go through the chart's own path.
_EXPORTS = ("/export/", "/export_as_example/", "/screenshot/")
# Superset 6.1 hands a query's rows to whoever may read SQL Lab, whatever its permission says.
_CLOSED = ("/api/v1/sqllab/export/", "/api/v1/sqllab/export_streaming/")
_VALUES = ("/datasource/samples", "/api/v1/datasource/")
# By thread: Superset runs a statement of SQL Lab in a request of its own making, on the thread that
# answers the real one.
_here = threading.local()
_NOBODY = Who("superset", "–", "superset")
_MISSED_ACTION = "log.missed"
NOT_FROM_HERE = "查询结果不从网页导出；请用 fengqiao sql --export 并填写用途"
UNLOGGED = "访问日志暂时无法写入，按规定不能查询或导出；请联系平台管理员"


class _Misses:
    """How many pages were shown without a record, since when; one count per worker."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.count, self.since = 0, ""

    def add(self, error: NotLogged) -> None:
        with self._lock:
            self.count += 1
            self.since = self.since or clock.instant().isoformat(timespec="seconds")
        _log.error("not logged (%s so far): %s", self.count, error)

    def taken(self) -> dict[str, Any] | None:
        """The count to be told, which is zero from now on; None if there is nothing to tell."""
        if not self.count:
            return None
        with self._lock:
            told = {"count": self.count, "since": self.since}
            self.count, self.since = 0, ""
        return told if told["count"] else None

    def give_back(self, told: dict[str, Any]) -> None:
        with self._lock:
            self.count += int(told["count"])
            self.since = str(told["since"])


_misses = _Misses()


def must_log(access: Access, *, leaves: bool = False) -> int:
    """Write a record, or raise `NotLogged`; `leaves` for rows that are taken along."""
    book = PROVISION if leaves else ACCESS
    return book.append(access).sequence


def may_log(describe: Callable[[], Access]) -> None:
    """Write a record if that can be done, else count the miss: nothing here may break a page, not
    even a request that we cannot describe."""
    told = _misses.taken()
    try:
        if told:
            ACCESS.append(Access(_MISSED_ACTION, details=told, who=_NOBODY), durable=False)
            told = None
        ACCESS.append(_described(describe), durable=False)
    except NotLogged as error:
        if told:
            _misses.give_back(told)
        _misses.add(error)


def _described(describe: Callable[[], Access]) -> Access:
    """What happened; who asked is read from Superset's metadata, which may fail as well."""
    try:
        return describe()
    except Exception as error:
        raise NotLogged(f"a request could not be described: {error!r}") from error


def _chart_access(context: Any, what: Seen, found: dict[str, Any]) -> Access:
    """Somebody's look at a chart."""
    form = context.form_data or {}
    cached = all(q.get("is_cached") for q in found["queries"])
    place = {"chart": number(form.get("slice_id")), "dashboard": number(form.get("dashboardId"))}
    return access(what, user_here(), **place, cached=cached)


def _noted(context: Any, found: dict[str, Any]) -> Access:
    what = seen(context, found)
    answers.note(what)
    return _chart_access(context, what, found)


def _watch_charts() -> None:
    """Every chart's data passes this command, from the cache or not, as JSON or as a file."""
    from superset.commands.chart.data.get_data_command import ChartDataCommand
    from superset.common.chart_data import ChartDataResultFormat

    ask = ChartDataCommand.run
    if hasattr(ask, "__wrapped__"):
        return

    @functools.wraps(ask)
    def run(self: Any, **options: Any) -> Any:
        found = ask(self, **options)
        context = found["query_context"]
        if asking.is_nobody(getattr(g, "user", None)):
            answers.note(seen(context, found))
            return found
        if context.result_format not in ChartDataResultFormat.table_like():
            may_log(lambda: _noted(context, found))
            return found
        try:
            look = _described(lambda: _chart_access(context, seen(context, found), found))
            details = {**look.details, "format": str(context.result_format.value)}
            must_log(replace(look, action="export", details=details), leaves=True)
        except NotLogged as error:
            _log.error("export refused: %s", error)
            abort(_said(503, UNLOGGED))  # Flask hands a response through as it is
        return found

    ChartDataCommand.run = run


def before_statement(database: str, statement: str, tables: tuple[str, ...], why: str = "") -> None:
    """A statement of SQL Lab is about to run, or was refused by the guard and says why."""
    outcome = "refused" if why else "allowed"
    details: dict[str, Any] = {"database": database, **({"reason": why} if why else {})}
    number = must_log(
        _described(
            lambda: Access(
                "sqllab", tables, statement, outcome=outcome, details=details, who=user_here()
            )
        )
    )
    if not why:
        _here.begun = (number, database)


def _after_statement(response: Response) -> None:
    """What came of the statement that this request ran."""
    begun, _here.begun = getattr(_here, "begun", None), None
    if begun is None:
        return
    number, database = begun
    asked = request.get_json(silent=True) or {}
    outcome = "done" if response.status_code == 200 else "failed"
    details = {"database": database, "of": number, "status": response.status_code}
    may_log(
        lambda: Access(
            "sqllab.result",
            rows=_rows_of(asked) if outcome == "done" else None,
            outcome=outcome,
            details=details,
            who=user_here(),
        )
    )


def _rows_of(asked: dict[str, Any]) -> int | None:
    """The number of rows Superset noted of a query: reading its answer again would cost more."""
    from superset import db
    from superset.models.sql_lab import Query

    client = asked.get("client_id")
    if not client:
        return None
    rows = db.session.query(Query.rows).filter_by(client_id=client).scalar()
    return None if rows is None else int(rows)


def _before() -> Response | None:
    """Rows of SQL Lab leave with a purpose, so not from here (DP-11)."""
    _here.begun = None
    if not request.path.startswith(_CLOSED):
        return None
    path = request.path[-120:]
    may_log(
        lambda: Access("export", (path,), outcome="refused", who=asking.who(asking.early_user()))
    )
    return _said(403, NOT_FROM_HERE)


def _said(status: int, text: str) -> Response:
    body = json.dumps({"message": text}, ensure_ascii=False)
    return Response(body, status=status, mimetype="application/json")


def _after(response: Response) -> Response:
    """Exports, values of a column, opened pages; the end of a statement."""
    path = request.path
    if path.startswith(("/static/", "/health")):
        return response
    _after_statement(response)
    if response.status_code != 200:
        return response
    if any(part in path for part in _EXPORTS):
        return _export(path, response)
    if path.startswith(_VALUES):
        values = {"what": "values"}
        may_log(lambda: Access("page", (path[-120:],), details=values, who=user_here()))
    elif path.startswith("/superset/dashboard/") and request.method == "GET":
        page = path.removeprefix("/superset/dashboard/").strip("/")
        may_log(lambda: Access("page.open", (page,), who=user_here()))
    return response


def _export(path: str, response: Response) -> Response:
    """An export goes out after its record, or not at all."""
    try:
        asked = request.query_string.decode("utf-8", "replace")[:500]
        must_log(
            _described(lambda: Access("export.page", (path[-120:],), filter=asked, who=user_here()))
        )
    except NotLogged as error:
        _log.error("export refused: %s", error)
        response.close()
        return _said(503, UNLOGGED)
    return response


def install(app: Flask, *, serves: bool = True) -> None:
    """Called once when Superset has begun; `serves` as in `answers.install`."""
    app.before_request(_before)
    app.after_request(_after)
    answers.install(app, may_log, serves=serves)
    _watch_charts()
