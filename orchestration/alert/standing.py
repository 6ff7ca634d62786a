"""Everything that stands at a moment, worst first: one entry per cause."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from ingestion import places
from ingestion.contract import load_all
from ingestion.delivery.receipt import write_whole
from orchestration.alert import deliveries, house
from orchestration.alert.cause import SEVERITIES, Alert
from orchestration.alert.declared import Settings, settings


@dataclass
class LastRun:
    """What the last run left: when, seconds by step, feeds it could not take in, how it failed."""

    as_of: str = ""
    seconds: dict[str, float] = field(default_factory=dict)
    failures: list[str] = field(default_factory=list)
    failed: str = ""


def _file() -> Path:
    return places.ops() / "alerts" / "last-run.json"


def last_run() -> LastRun:
    """The note of the last run; empty before the first."""
    path = _file()
    return LastRun(**json.loads(path.read_text("utf-8"))) if path.exists() else LastRun()


def note_run(run: LastRun) -> None:
    """Remember it."""
    _file().parent.mkdir(parents=True, exist_ok=True)
    write_whole(_file(), json.dumps(vars(run), ensure_ascii=False).encode())


def standing(as_of: datetime, given: Settings | None = None) -> list[Alert]:
    """The causes of now, from logs, contracts and notes; it answers while a run is on."""
    from orchestration.run.day import last_day

    given = given or settings()
    run, published = last_run(), last_day().get("as_of", "")
    states = deliveries.delivery_states(as_of)
    today = as_of.date()
    found = [
        *deliveries.of_deliveries(states, as_of, given.window_days),
        *deliveries.of_intake(run.failures),
        *house.of_checks(as_of),
        *house.of_day(run.failed, run.as_of, published),
        *house.of_release(published, as_of, given.release_hours),
        *house.of_disk(given.disk_least_gib),
        *house.of_exemptions(load_all().values(), today, given.exemption_days),
        *house.of_calendar(today, given.calendar_days),
    ]
    found = _without_consequences(found)
    return sorted(found, key=lambda a: (SEVERITIES.index(a.severity), a.office, a.key))


def _without_consequences(found: list[Alert]) -> list[Alert]:
    """Leave out what only says again that a delivery did not come."""
    keys = {a.key for a in found}
    absent = {a.feed for a in found if a.kind in ("missing", "refused")}
    return [
        a
        for a in found
        if not (a.key == f"check:{a.feed}:fresh" and a.feed in absent)
        and not (a.kind == "intake" and f"missing:{a.feed}" in keys)
        and not (a.kind == "release" and "day" in keys)
        # The check that an exemption is over says it, too.
        and not (a.kind == "check" and f"exemption:{a.feed}:{a.key.rpartition('_')[2]}" in keys)
    ]
