"""`fengqiao run` in a process of its own, with a fault that begins at a step.

    python -m tests.faults.child                       # left alone
    python -m tests.faults.child limit:publish:65536   # no file may grow beyond so many bytes
    python -m tests.faults.child kill:dbt:2.5          # SIGKILL so many seconds after

A limit is what a full disk looks like to the program without the right to mount one: the write
fails, with EFBIG in the place of ENOSPC.
"""

from __future__ import annotations

import os
import resource
import signal
import sys
import threading


def strike(kind: str, amount: float) -> None:
    """Begin the fault."""
    if kind == "limit":
        _, most = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (int(amount), most))
        return
    timer = threading.Timer(amount, os.kill, (os.getpid(), signal.SIGKILL))
    timer.daemon = True
    timer.start()


def main() -> None:
    """Run the day as a user does; the command's own exit code and words come out."""
    from orchestration.cli import main as command
    from orchestration.cli import output

    fault, *feeds = [*sys.argv[1:], ""]
    told = output.progress

    def progress(text: str) -> None:
        told(text)
        kind, at, amount = fault.split(":") if fault else ("", "", "0")
        if text == at:
            strike(kind, float(amount))

    output.progress = progress
    sys.argv = ["fengqiao", "run", *[f for f in feeds if f]]
    command()


if __name__ == "__main__":
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    main()
