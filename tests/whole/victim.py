"""A day's job in a process of its own, killed some time after it began a step.

`python -m tests.whole.victim STEP SECONDS`; without arguments it runs the day to its end.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading


def live(step: str = "", after_s: float = 0.0) -> None:
    """Run the day in this process; one that ends before its time comes was not killed."""
    from orchestration.run.day import run_day

    def progress(name: str) -> None:
        if name == step:
            timer = threading.Timer(after_s, os.kill, (os.getpid(), signal.SIGKILL))
            timer.daemon = True
            timer.start()

    day = run_day(progress=progress)
    if day.intake.failures:
        raise SystemExit(f"not taken in: {day.intake.failures}")


def run(environment: dict[str, str], step: str = "", after_s: float = 0.0) -> int:
    """The exit code of that process: -9 when it was killed."""
    command = [sys.executable, "-m", "tests.whole.victim"]
    if step:
        command += [step, str(after_s)]
    done = subprocess.run(command, env={**os.environ, **environment}, check=False)
    return done.returncode


if __name__ == "__main__":
    given = sys.argv[1:]
    if given:
        live(given[0], float(given[1]))
    else:
        live()
