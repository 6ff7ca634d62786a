"""A chart's question without what decides no row of its answer. Standard library only.

A browser sends beside the query how the chart looks, where it stands and which of its fields were
left empty; two questions that differ only there are one. What is understood is written here field
by field, and a question with anything else in it has no such form: its answer is not kept.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

_BODY = {"datasource", "queries", "form_data", "force", "result_format", "result_type"}
# The fields of a query, and what each is when nobody gives it (Superset's `QueryObject`); the
# fields that may hold nothing else but that have no entry in `_MEANT`.
_EMPTY: dict[str, tuple[Any, ...]] = {
    "filters": ([], None),
    "extras": ({}, None),
    "applied_time_extras": ({}, None),
    "annotation_layers": ([], None),
    "series_limit": (0, None),
    "group_others_when_limit_reached": (False, None),
    "order_desc": (True,),
    "url_params": ({}, None),
    "custom_params": ({}, None),
    "custom_form_data": ({}, None),
    "orderby": ([], None),
    "post_processing": ([], None),
    "time_offsets": ([], None),
    "series_columns": ([], None),
    "time_range": ("No filter", None),
}
_MEANT = {
    "columns", "metrics", "filters", "extras", "series_limit", "series_columns", "orderby",
    "group_others_when_limit_reached", "order_desc", "post_processing", "row_limit", "row_offset",
    "is_timeseries",
}  # fmt: skip
_EXTRAS = {"where", "having"}
# What Superset reads of a chart's form when it answers (QueryContextFactory, query_actions).
_FORM = ("server_pagination", "tooltip_contents")
_TEMPLATE = ("{{", "{%")
# Both repeat what the body says; anything else in the address is unknown.
_ARGUMENTS = {"form_data", "dashboard_id"}


@dataclass(frozen=True)
class Question:
    """What is asked of which dataset; the chart and the page that asked, if they say so."""

    text: str
    dataset: int
    chart: int | None
    dashboard: int | None


def understood(body: Any, arguments: Collection[str] = ()) -> Question | None:
    """The question in a request's body; None if its answer may depend on more than we know."""
    if not isinstance(body, dict) or not _BODY.issuperset(body) or body.get("force"):
        return None
    if not _ARGUMENTS.issuperset(arguments):
        return None
    if (body.get("result_format", "json"), body.get("result_type", "full")) != ("json", "full"):
        return None
    dataset, queries, form = body.get("datasource"), body.get("queries"), body.get("form_data")
    form = {} if form is None else form
    if (
        not isinstance(dataset, dict)
        or set(dataset) != {"id", "type"}
        or dataset["type"] != "table"
    ):
        return None
    if type(dataset["id"]) is not int or not isinstance(form, dict):
        return None
    if not isinstance(queries, list) or not queries or _has_auto_currency(form):
        return None
    plain = [_query(one) for one in queries]
    if None in plain:
        return None
    whole = {
        "dataset": dataset["id"],
        "queries": plain,
        "form": {k: form[k] for k in _FORM if form.get(k)},
    }
    text = json.dumps(whole, sort_keys=True, ensure_ascii=False)
    if any(mark in text for mark in _TEMPLATE):
        return None
    return Question(
        text, dataset["id"], number(form.get("slice_id")), number(form.get("dashboardId"))
    )


def number(value: Any) -> int | None:
    """An id that the browser sent; whatever else it sends there is not looked at."""
    return value if type(value) is int else None


def _query(query: Any) -> dict[str, Any] | None:
    if not isinstance(query, dict):
        return None
    plain = {}
    for name, value in query.items():
        given = _given(name, value)
        if given is None and value is not None:
            return None
        if name in _EMPTY and any(_same(given, empty) for empty in _EMPTY[name]):
            continue
        if name not in _MEANT:
            return None
        plain[name] = given
    return plain


def _given(name: str, value: Any) -> Any:
    """A field's value in one form; None for one that is not understood."""
    if name == "filters" and isinstance(value, list):
        return _filters(value)
    if name == "extras" and isinstance(value, dict):
        filled = {k: v for k, v in value.items() if v}
        return filled if _EXTRAS.issuperset(filled) else None
    if name == "annotation_layers" and isinstance(value, list):
        # A formula is drawn by the browser; every other layer asks another question.
        formulas = all(isinstance(a, dict) and a.get("annotationType") == "FORMULA" for a in value)
        return [] if formulas else None
    return value


def _filters(filters: list[Any]) -> list[Any] | None:
    """Conditions that hold all at once, so that their order and repetition mean nothing. One over
    time may mean another day tomorrow."""
    found = {}
    for one in filters:
        if not isinstance(one, dict):
            return None
        if one.get("op") == "TEMPORAL_RANGE":
            return None
        plain = {k: v for k, v in one.items() if v is not None}
        found[json.dumps(plain, sort_keys=True, ensure_ascii=False)] = plain
    return [found[key] for key in sorted(found)]


def _same(value: Any, empty: Any) -> bool:
    return type(value) is type(empty) and bool(value == empty)


def _has_auto_currency(form: Mapping[str, Any]) -> bool:
    """A currency that Superset looks up in the rows needs a second question of its own."""
    told = json.dumps([form.get("currency_format"), form.get("column_config")])
    return '"AUTO"' in told
