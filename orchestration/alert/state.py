"""What was told to whom, on disk: `ops/alerts/state.json`, whole or as it was before.

A record says `sending` before the first byte goes out. A process that is killed then leaves it, and
the next round tells it as `unknown`: nobody knows, and it is not sent again until it is due anyway.
"""

from __future__ import annotations

import fcntl
import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from ingestion import places
from ingestion.delivery.receipt import write_whole
from orchestration.alert.cause import SEVERITIES, Alert, from_json
from orchestration.alert.words import CLOSE

log = logging.getLogger("fengqiao.alert")
SENDING, SENT, FAILED, UNKNOWN = "sending", "sent", "failed", "unknown"


class RoundOn(RuntimeError):
    """Another round sends alerts of this home at this moment."""


@dataclass
class Told:
    """What one way was told last of a cause: `heard` is when it last (perhaps) got something."""

    kind: str
    state: str
    at: str
    severity: str
    why: str = ""
    heard: str = ""


@dataclass
class Cause:
    """A cause with its ways; `over` is when it was first not there any more."""

    alert: Alert
    since: str
    over: str = ""
    silenced: str = ""  # why nothing is sent of it now
    told: dict[str, Told] = field(default_factory=dict)


@dataclass
class State:
    """All causes by key, and what the last round did."""

    causes: dict[str, Cause] = field(default_factory=dict)
    round_as_of: str = ""
    outcomes: dict[str, int] = field(default_factory=dict)

    def merge(self, standing: list[Alert], as_of: datetime) -> None:
        """Take over what stands now; what does not is over."""
        now = {alert.key: alert for alert in standing}
        for key, alert in now.items():
            cause = self.causes.setdefault(key, Cause(alert, as_of.isoformat()))
            cause.alert, cause.over = alert, ""
        for key, cause in self.causes.items():
            if key not in now and not cause.over:
                cause.over = as_of.isoformat()

    def unfinished(self) -> list[tuple[Cause, str, Told]]:
        """What a killed round left at `sending`; from now on it is unknown."""
        found = []
        for cause in self.causes.values():
            for way, told in cause.told.items():
                if told.state == SENDING:
                    told.state, told.why = UNKNOWN, "the process ended after hand-over"
                    found.append((cause, way, told))
        return found

    def forget(self) -> None:
        """Drop the causes that are over and that nobody waits to hear of."""
        for key, cause in list(self.causes.items()):
            waiting = [t for t in cause.told.values() if t.heard and not _closed(t)]
            if cause.over and not waiting:
                del self.causes[key]


def _closed(told: Told) -> bool:
    return told.kind == CLOSE and told.state in (SENT, UNKNOWN)


def folder() -> Path:
    """Where the state lies; it holds addresses of offices and nothing of anybody."""
    return places.ops() / "alerts"


def load() -> State:
    """The state; empty before the first round, and when it cannot be read: to tell what stands
    once more is better than to tell nothing for ever."""
    path = folder() / "state.json"
    if not path.exists():
        return State()
    try:
        return _parsed(json.loads(path.read_text("utf-8")))
    except (ValueError, KeyError, TypeError) as error:
        log.error("%s cannot be read (%s): begun anew", path.name, type(error).__name__)
        return State()


def _parsed(read: dict[str, Any]) -> State:
    causes = {}
    for key, c in read["causes"].items():
        told = {way: Told(**t) for way, t in c["told"].items()}
        causes[key] = Cause(from_json(c["alert"]), c["since"], c["over"], c["silenced"], told)
    return State(causes, read["round_as_of"], read["outcomes"])


def save(state: State) -> None:
    """Write it whole, and durable before anything is sent."""
    causes = {key: asdict(c) | {"alert": c.alert.to_json()} for key, c in state.causes.items()}
    body = {"causes": causes, "round_as_of": state.round_as_of, "outcomes": state.outcomes}
    folder().mkdir(parents=True, exist_ok=True)
    write_whole(folder() / "state.json", json.dumps(body, ensure_ascii=False, indent=1).encode())


@contextmanager
def only_round() -> Iterator[None]:
    """One round at a time on a home; the kernel lets go when the holder dies."""
    folder().mkdir(parents=True, exist_ok=True)
    with (folder() / "lock").open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise RoundOn(f"another round sends alerts of {places.home()}") from None
        yield


def counted(state: State) -> dict[str, dict[str, int]]:
    """`standing` and, of these, `silenced`, by severity."""
    now = [c for c in state.causes.values() if not c.over]
    return {
        "standing": {s: sum(c.alert.severity == s for c in now) for s in SEVERITIES},
        "silenced": {
            s: sum(c.alert.severity == s and bool(c.silenced) for c in now) for s in SEVERITIES
        },
    }
