"""What happens when a run is over, however it ended: a note of it, the alerts, the metrics.

Nothing of this can fail the day: what goes wrong here is logged and left to the next round.
"""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from ingestion import clock
from ingestion.lock import Busy
from orchestration.alert.declared import BadDeclaration
from orchestration.alert.standing import LastRun, last_run, note_run

if TYPE_CHECKING:
    from orchestration.run.day import Day

log = logging.getLogger("fengqiao.alert")


@contextmanager
def tell_afterwards(day: Day, codes: Collection[str] | None) -> Iterator[None]:
    """Around a run of the named feeds (None: all): afterwards, tell what came of it."""
    try:
        yield
    except Busy:  # somebody else's run; nothing happened here
        raise
    except Exception as error:
        # The text of a library's error may quote a cell: its kind is enough.
        _after(day, codes, type(error.__cause__ or error).__name__)
        raise
    else:
        _after(day, codes, "")


def _after(day: Day, codes: Collection[str] | None, failed: str) -> None:
    before = _before()
    # A round in which nothing was new computed nothing: the steps are those of the day before it.
    seconds = before.seconds if day.skipped else dict(day.seconds)
    unasked = [c for c in before.failures if codes is not None and c not in codes]
    failures = sorted({*unasked, *day.intake.failures})
    conclude(LastRun(clock.as_of().isoformat(), seconds, failures, failed))


def _before() -> LastRun:
    try:
        return last_run()
    except Exception as error:
        log.error("the note of the last run cannot be read: %s", type(error).__name__)
        return LastRun()


def conclude(run: LastRun) -> None:
    """Note the run, hold a round, write the metrics; never raises."""
    from orchestration.alert.metrics import write_metrics
    from orchestration.alert.rounds import hold_round
    from orchestration.alert.state import RoundOn

    as_of = clock.as_of()
    for step in (lambda: note_run(run), lambda: hold_round(as_of), lambda: write_metrics(as_of)):
        try:
            step()
        except (BadDeclaration, RoundOn) as error:
            log.error("alerts: %s", error)
        except Exception as error:
            log.error("alerts: unexpected %s", type(error).__name__)
