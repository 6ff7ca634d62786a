"""What a fanned-out day and its workers agree on: the broker and Celery's settings (ADR 45).

Nothing heavy is imported here: the library that reads tables does not outlive a fork, and each
worker forks the process in which its steps run.
"""

from __future__ import annotations

import os

EXECUTOR, BROKER, LOST = "FENGQIAO_EXECUTOR", "FENGQIAO_BROKER", "FENGQIAO_STEP_LOST_S"
IN_PROCESS, CELERY = "in-process", "celery"


class BadExecutor(RuntimeError):
    """The variables do not say where steps shall run; one line for whoever set them."""


def fanned_out() -> bool:
    """Whether steps go to workers; raises `BadExecutor` for a word that is not known."""
    chosen = os.environ.get(EXECUTOR) or IN_PROCESS
    if chosen not in (IN_PROCESS, CELERY):
        raise BadExecutor(f"{EXECUTOR}={chosen}: {IN_PROCESS} or {CELERY}")
    return chosen == CELERY


def lost_after_s() -> int:
    """Seconds until a step that a worker took and never ended is given to another one."""
    text = os.environ.get(LOST) or "900"
    if not text.isdigit() or not int(text):
        raise BadExecutor(f"{LOST}={text}: whole seconds, more than the longest step takes")
    return int(text)


def broker() -> str:
    """The address of the broker, which keeps results as well; raises `BadExecutor` without one.

    dagster-celery's own default is a RabbitMQ on this machine: a run would wait for it for ever.
    """
    url = os.environ.get(BROKER, "")
    if not url.startswith(("redis://", "rediss://")):
        # The address holds a password: it is not repeated.
        raise BadExecutor(f"{BROKER} must be redis://host:port/number (or rediss://)")
    return url


def settings() -> dict[str, object]:
    """Celery's settings, the same for the run and for its workers."""
    return {
        "broker_transport_options": {"visibility_timeout": lost_after_s()},
        "result_backend_transport_options": {"visibility_timeout": lost_after_s()},
        "visibility_timeout": lost_after_s(),
        # A worker takes one step at a time and says that it is done when it is: what a worker that
        # fell had taken comes back. A process that was killed under a worker that lives fails the
        # run instead, or a step that fills the memory would go round for ever.
        "worker_prefetch_multiplier": 1,
        "task_acks_late": True,
        "task_reject_on_worker_lost": False,
        "task_default_queue": "dagster",
        "task_default_priority": 5,
        # What a step said is read by the run within seconds.
        "result_expires": 3600,
        "broker_connection_retry_on_startup": True,
    }
