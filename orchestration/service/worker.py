"""A worker that takes steps of a fanned-out day (ADR 45): `fengqiao worker`, as many as wanted."""

from __future__ import annotations

import os

from celery import Celery
from dagster_celery.make_app import make_app
from dagster_celery.tasks import create_task

from orchestration.service.broker import broker, settings


def application() -> Celery:
    """Celery's application with dagster-celery's one task."""
    address = {"broker": broker(), "backend": broker()}
    app: Celery = make_app(address)  # type: ignore[no-untyped-call]
    app.conf.update(settings())
    create_task(app)  # type: ignore[no-untyped-call]
    return app


def work(name: str | None = None) -> None:
    """Take steps until told to end (SIGTERM lets the step under way finish)."""
    # Which home, which Dagster: a step is told by the run; secrets and sources are ours.
    application().worker_main(
        [
            *("worker", "--queues", "dagster", "--concurrency", "1", "--loglevel", "WARNING"),
            *("--hostname", name or f"{os.getpid()}@%h"),
            *("--without-gossip", "--without-mingle"),
        ]
    )
