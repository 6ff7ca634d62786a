"""The one clock. Nothing of ours asks the machine for the time in any other way.

`FENGQIAO_AS_OF` (local time, UTC+8, ISO 8601) fixes it; without it the clock runs. A replay
moves it with `at`, so that a delivery of last October lands last October.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

LOCAL = ZoneInfo("Asia/Shanghai")
FIXED = "FENGQIAO_AS_OF"
_moved: ContextVar[datetime | None] = ContextVar("fengqiao_clock", default=None)


def parse(text: str) -> datetime:
    """An ISO 8601 moment; without an offset it is local time (UTC+8)."""
    moment = datetime.fromisoformat(text)
    return moment.replace(tzinfo=LOCAL) if moment.tzinfo is None else moment.astimezone(LOCAL)


def as_of() -> datetime:
    """The moment for which everything is computed, aware, in local time."""
    moved = _moved.get()
    if moved is not None:
        return moved
    fixed = os.environ.get(FIXED)
    return parse(fixed) if fixed else datetime.now(UTC).astimezone(LOCAL)


def instant() -> datetime:
    """The machine's own time, aware, in local time, whatever the clock of the data says.

    For evidence of what people did here (the access log, DP-12), and to sign a message for a
    service that compares with its own clock (DingTalk): a demonstration whose data stand at last
    October must not date today's look at them to October. No figure is computed from it.
    """
    return datetime.now(UTC).astimezone(LOCAL)


@contextmanager
def at(moment: datetime) -> Iterator[None]:
    """Set the clock for one block: the replay of a past delivery."""
    token = _moved.set(moment.astimezone(LOCAL))
    try:
        yield
    finally:
        _moved.reset(token)
