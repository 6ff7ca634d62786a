"""A chart between specification and Superset: form data and the query it sends."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from dashboards.compiler.names import chart_name, identity

Json = dict[str, Any]


@dataclass(frozen=True)
class Query:
    """What a chart asks of its table: columns (grouped when there are metrics) and metrics."""

    columns: tuple[Any, ...] = ()
    metrics: tuple[Json, ...] | None = None
    where: tuple[tuple[str, str, Any], ...] = ()
    order_by: tuple[tuple[Any, bool], ...] = ()  # (column or metric, ascending)
    row_limit: int = 1000
    extra: Json = field(default_factory=dict)


@dataclass(frozen=True)
class Chart:
    """One Superset chart."""

    page: str
    id: str
    title: str
    viz_type: str
    table: str
    form: Json
    query: Query

    @property
    def uuid(self) -> str:
        """Its id on every server."""
        return identity("chart", f"{self.page}/{self.id}")

    @property
    def name(self) -> str:
        """Its title in Superset, and the key of its styles."""
        return chart_name(self.page, self.id, self.title)

    def params(self) -> Json:
        """Superset's form data."""
        return {
            "viz_type": self.viz_type,
            "adhoc_filters": [_adhoc_filter(*condition) for condition in self.query.where],
            "row_limit": self.query.row_limit,
            "extra_form_data": {},
            **self.form,
        }

    def query_context(self) -> str:
        """The stored query: without it, cache warm-up and reports fail for imported charts."""
        query: Json = {
            "filters": [
                {"col": column, "op": operator, "val": value}
                for column, operator, value in self.query.where
            ],
            "extras": {"having": "", "where": ""},
            "applied_time_extras": {},
            "columns": list(self.query.columns),
            "orderby": [list(pair) for pair in self.query.order_by],
            "annotation_layers": [],
            "row_limit": self.query.row_limit,
            "series_limit": 0,
            "order_desc": True,
            "url_params": {},
            "custom_params": {},
            "custom_form_data": {},
            "post_processing": [],
            **self.query.extra,
        }
        if self.query.metrics is not None:
            query["metrics"] = list(self.query.metrics)
        context = {
            # The importer puts the server's dataset id here.
            "datasource": {"id": 0, "type": "table"},
            "force": False,
            "queries": [query],
            "form_data": self.params(),
            "result_format": "json",
            "result_type": "full",
        }
        return json.dumps(context, ensure_ascii=False, sort_keys=True)


def metric(sql: str, label: str) -> Json:
    """An ad-hoc metric: an SQL aggregate with a (Chinese) label."""
    return {
        "expressionType": "SQL",
        "sqlExpression": sql,
        "label": label,
        "hasCustomLabel": True,
        "optionName": f"metric_{identity('metric', f'{label}|{sql}')[:11]}",
    }


def conditions(where: dict[str, Any] | None) -> tuple[tuple[str, str, Any], ...]:
    """`{column: value, list, {most: n} or {least: n}}` of a specification as conditions."""
    return tuple(_condition(column, value) for column, value in (where or {}).items())


def _condition(column: str, value: Any) -> tuple[str, str, Any]:
    if isinstance(value, list):
        return column, "IN", value
    if isinstance(value, dict):
        [(bound, limit)] = value.items()
        return column, {"most": "<=", "least": ">="}[bound], limit
    return column, "==", value


def _adhoc_filter(column: str, operator: str, value: Any) -> Json:
    operations = {
        "IN": "IN",
        "==": "EQUALS",
        "<=": "LESS_THAN_OR_EQUAL",
        ">=": "GREATER_THAN_OR_EQUAL",
        "IS NOT NULL": "IS_NOT_NULL",
    }
    return {
        "clause": "WHERE",
        "expressionType": "SIMPLE",
        "subject": column,
        "operator": operator,
        "operatorId": operations[operator],
        "comparator": value,
        "isExtra": False,
        "isNew": False,
        "filterOptionName": f"filter_{identity('filter', f'{column}{operator}{value}')[:11]}",
    }
