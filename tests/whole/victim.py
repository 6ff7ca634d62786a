"""A day's job in a process of its own, killed some time after it began a step."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from multiprocessing.process import BaseProcess

SPAWN = multiprocessing.get_context("forkserver")


def live(environment: dict[str, str], step: str, after_s: float) -> None:
    """Run the day; `step` "" runs it to its end."""
    os.environ.update(environment)
    from orchestration.run.day import run_day

    def progress(name: str) -> None:
        if name == step:
            threading.Timer(after_s, os.kill, (os.getpid(), signal.SIGKILL)).start()

    run_day(progress=progress)


def run(environment: dict[str, str], step: str = "", after_s: float = 0.0) -> int:
    """The exit code of that process: -9 when it was killed."""
    process: BaseProcess = SPAWN.Process(target=live, args=(environment, step, after_s))
    process.start()
    process.join()
    return process.exitcode or 0
