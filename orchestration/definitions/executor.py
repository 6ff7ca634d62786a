"""Where the day's steps run: in the run's own process, or on dagster-celery's workers (ADR 45).

`FENGQIAO_EXECUTOR=celery` fans the feeds out: one feed is one step, and as many run at once as
there are workers. What comes after the feeds is a chain (checks, dbt, judge, publish), so that the
graph itself lets one of them run at a time, and each holds the data home alone.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime

import dagster as dg

from ingestion import clock, trace
from ingestion.lock import feed_lock, run_lock, small_lock
from orchestration.service.broker import BROKER, CELERY, broker, fanned_out, settings

# A step may have been given to a second worker: it waits for the first instead of failing the run.
WAIT_S = 300.0


def day_executor() -> dg.ExecutorDefinition:
    """The executor of the daily job, by the environment."""
    if not fanned_out():
        return dg.in_process_executor
    broker()
    from dagster_celery import celery_executor

    configured: dg.ExecutorDefinition = celery_executor.configured(
        {
            # By name of the variable: a password must not stand in a run's record.
            "broker": {"env": BROKER},
            "backend": {"env": BROKER},
            "config_source": settings(),
            "retries": {"enabled": {}},
        },
        name=CELERY,
    )
    return configured


@contextmanager
def alone() -> Iterator[datetime]:
    """The home for a step that nothing else may run beside; gives the moment of the run."""
    with _run(), run_lock(WAIT_S) if fanned_out() else run_lock():
        yield clock.as_of()


@contextmanager
def one_feed(code: str) -> Iterator[None]:
    """The home for the step of one feed: shared with other feeds' steps when fanned out."""
    with _run(), feed_lock(code, WAIT_S) if fanned_out() else run_lock():
        yield


@contextmanager
def _run() -> Iterator[None]:
    """The steps of a run share one trace, and one moment: that of its begin, unless the clock is
    fixed. Else what is judged and what is published would be two releases."""
    context = dg.OpExecutionContext.get()
    with trace.part_of(context.run_id), clock.at(_moment(context)):
        yield


def _moment(context: dg.OpExecutionContext) -> datetime:
    record = context.instance.get_run_record_by_id(context.run_id)
    if os.environ.get(clock.FIXED) or record is None or record.start_time is None:
        return clock.as_of()
    return datetime.fromtimestamp(int(record.start_time), UTC)


def noting() -> AbstractContextManager[None]:
    """For what steps of one run write into its record, one after the other."""
    return small_lock("run-record")
