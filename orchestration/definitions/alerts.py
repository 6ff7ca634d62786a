"""The end of Dagster's day: alerts and metrics, as after `fengqiao run`.

Hooks, not a sensor: they run in the run's own process, whether a daemon is there or not, and an
error in one never fails the run.
"""

from __future__ import annotations

import dagster as dg

from ingestion import clock, trace
from ingestion.contract import load_all
from orchestration.alert.after import conclude
from orchestration.alert.standing import LastRun
from orchestration.definitions.feeds import not_taken_in

PAGES_STEP = "serving__pages"
# What a step of the graph is called in `fengqiao run`; all others are feeds.
_STEPS = {
    "lake__o02_test_run": "checks",
    "dbt": "dbt",
    "judged__fct_indicator": "judge",
    PAGES_STEP: "publish",
}


@dg.success_hook(name="told_when_published")
def told_when_published(context: dg.HookContext) -> None:
    """The pages are published: the day is over."""
    if context.step_key == PAGES_STEP:
        conclude(_run(context, ""))


@dg.failure_hook(name="told_when_failed")
def told_when_failed(context: dg.HookContext) -> None:
    """A step of the day failed. A feed that could not be taken in fails none (`feeds.py`)."""
    error = context.op_exception
    cause = error.__cause__ if error is not None else None
    conclude(_run(context, type(cause or error).__name__))


def _run(context: dg.HookContext, failed: str) -> LastRun:
    """The note of this run: seconds by step as Dagster measured them, feeds not taken in."""
    feeds, seconds = {f"lake__{c.table}" for c in load_all().values()}, dict[str, float]()
    for step in context.instance.get_run_step_stats(context.run_id):
        name = "deliver" if step.step_key in feeds else _STEPS.get(step.step_key)
        if name and step.start_time and step.end_time:
            took = step.end_time - step.start_time
            seconds[name] = round(seconds.get(name, 0.0) + took, 2)
    run = context.instance.get_run_by_id(context.run_id)
    failures = not_taken_in(run.tags) if run is not None else []
    record = context.instance.get_run_record_by_id(context.run_id)
    if record is not None and record.start_time:
        trace.whole(context.run_id, "day", record.start_time, failed, not_taken_in=len(failures))
    return LastRun(clock.as_of().isoformat(), seconds, failures, failed)
