"""Bounds on what an attack may cost: time and memory."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def within(seconds: int) -> Iterator[None]:
    """Fail, instead of hanging, when the block takes longer."""

    def late(_number: int, _frame: object) -> None:
        # No subclass of OSError: the code under attack may handle those.
        raise AssertionError(f"still busy after {seconds} s")

    before = signal.signal(signal.SIGALRM, late)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


@contextmanager
def peak_of() -> Iterator[Callable[[], int]]:
    """By how many bytes the block made this process grow at its highest, asked afterwards."""
    Path("/proc/self/clear_refs").write_text("5")  # the kernel forgets the highest mark
    before = _kib("VmRSS")
    yield lambda: (_kib("VmHWM") - before) << 10


def _kib(name: str) -> int:
    lines = Path("/proc/self/status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith(name)).split()[1])
