"""`fengqiao alerts`: what stands now, beside what was told of it. Nothing is written."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from orchestration.alert import state
from orchestration.alert.declared import silences
from orchestration.alert.offices import office_name
from orchestration.alert.standing import standing


def listing(as_of: datetime) -> list[dict[str, Any]]:
    """One row per cause, worst first."""
    known = state.load()
    now = standing(as_of)
    known.merge(now, as_of)
    windows = silences()
    found = []
    for key in (alert.key for alert in now):
        cause = known.causes[key]
        quiet = next((w for w in windows if w.covers(cause.alert, as_of)), None)
        found.append(
            {
                "cause": key,
                "severity": cause.alert.severity,
                "office": office_name(cause.alert.office),
                "title": cause.alert.title,
                "facts": "; ".join(cause.alert.facts),
                "todo": cause.alert.todo,
                "since": datetime.fromisoformat(cause.since).replace(tzinfo=None),
                "silenced": f"{quiet.reason}（{quiet.by}）" if quiet else "",
                "told": ", ".join(f"{w}: {t.kind} {t.state}" for w, t in cause.told.items()),
            }
        )
    return found
