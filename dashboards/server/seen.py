"""What a chart was given, as the access log says it. Runs in Superset's environment."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from dashboards.server.roles import roles
from ingestion.access import Access, Who

_CLAUSES = {role.name: role.clause for role in roles() if role.clause}


@dataclass(frozen=True)
class Seen:
    """The dataset, the conditions asked for, and how many rows came."""

    dataset: str
    asked: list[dict[str, Any]]
    rows: int


def seen(context: Any, found: dict[str, Any]) -> Seen:
    """What a chart's command got, from its query context and its result."""
    asked = [
        {
            "filters": [
                [f.get("col"), f.get("op"), f.get("val")]
                for f in query.filter or ()
                if f.get("op") != "TEMPORAL_RANGE" or f.get("val") != "No filter"
            ],
            **{k: v for k, v in (query.extras or {}).items() if k in ("where", "having") and v},
            **({"time": query.time_range} if query.time_range else {}),
        }
        for query in context.queries
    ]
    return Seen(
        str(getattr(context.datasource, "table_name", "") or context.datasource),
        asked,
        sum(int(q.get("rowcount") or 0) for q in found["queries"]),
    )


def access(what: Seen, who: Who, **details: Any) -> Access:
    """The record of somebody's look; the row rule is that of who looks now."""
    rule = [_CLAUSES[name] for name in who.role.split(",") if name in _CLAUSES]
    told = {"asked": what.asked, "row rule": rule}
    return Access(
        "page",
        (what.dataset,),
        filter=json.dumps(told, ensure_ascii=False, default=str),
        rows=what.rows,
        details={k: v for k, v in details.items() if v},
        who=who,
    )
