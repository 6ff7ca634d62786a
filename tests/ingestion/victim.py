"""A process that takes deliveries in and is killed: in a step it names, or whenever it happens.

Children come from multiprocessing's fork server, which has imported everything and started no
thread; so one costs milliseconds, and what dies is a real process with its own engines.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable
from multiprocessing import connection
from multiprocessing.process import BaseProcess
from pathlib import Path

from ingestion.connectors import inbox
from ingestion.contract import load
from ingestion.delivery import archive, deliver

FEEDS = ("P44", "UK01")
SPAWN = multiprocessing.get_context("forkserver")
# Who starts a process looks after every other that has ended, also those of other threads; two who
# read one exit code at once would see an end without one.
_one_at_a_time = threading.Lock()
SPAWN.set_forkserver_preload(["tests.ingestion.victim", "xlsxwriter"])


def take_in(reached: Callable[[str], None]) -> None:
    """What a run does for each feed; `reached` hears of every durable step."""
    for code in FEEDS:
        archive.sweep(code)
        for received in inbox.pending(load(code)):
            deliver(received, reached)


def live(environment: dict[str, str], die_at: int, steps: str) -> None:
    """Run in this process; kill it at its `die_at`-th step (0: never); note the steps."""
    os.environ.update(environment)
    heard: list[str] = []

    def reached(step: str) -> None:
        heard.append(step)
        if len(heard) == die_at:
            os.kill(os.getpid(), signal.SIGKILL)

    take_in(reached)
    if steps:
        Path(steps).write_text("\n".join(heard))


def begin(what: Callable[..., None], *given: object) -> BaseProcess:
    """Call it in a process of its own; may be asked for by several threads."""
    process = SPAWN.Process(target=what, args=given)
    with _one_at_a_time:
        process.start()
    return process


def start(environment: dict[str, str], die_at: int = 0, steps: str = "") -> BaseProcess:
    """Begin a run in a process of its own."""
    return begin(live, environment, die_at, steps)


def ended(process: BaseProcess) -> int:
    """Wait for it; the exit code is -9 for one that was killed."""
    connection.wait([process.sentinel])
    with _one_at_a_time:
        process.join()
    assert process.exitcode is not None
    return process.exitcode
