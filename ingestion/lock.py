"""One run at a time on a data home; its feeds may be taken by several workers at once.

The kernel lets go of a lock when its holder dies. Whoever computes or cares for the lake holds the
home alone. Workers that a run was fanned out to (ADR 45) share it, each with feeds of its own:
feeds have tables of their own, and the logs that they share are only appended to.
"""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO

from ingestion import places

SHARED = "of several workers"
_LOOK_S = 0.2


class Busy(RuntimeError):
    """Another run works on this data home."""


@contextmanager
def run_lock(wait_s: float = 0.0) -> Iterator[None]:
    """Hold the data home; raises `Busy` when somebody else does and still does after `wait_s`."""
    places.ops().mkdir(parents=True, exist_ok=True)
    path = places.ops() / "run.lock"
    with path.open("a+") as file:
        if not _held(file, fcntl.LOCK_EX, wait_s):
            raise _busy(file)
        file.seek(0)
        file.truncate()
        file.write(str(os.getpid()))
        file.flush()
        yield


@contextmanager
def feed_lock(code: str, wait_s: float) -> Iterator[None]:
    """Hold one feed, beside workers that hold others; raises `Busy` as `run_lock` does.

    A step that was given to a second worker, because the first was thought to be lost, waits here
    until the first is through; it then finds nothing to do.
    """
    folder = places.ops() / "locks"
    folder.mkdir(parents=True, exist_ok=True)
    with (
        (folder / f"{code}.lock").open("a+") as own,
        (places.ops() / "run.lock").open("a+") as home,
    ):
        if not _held(own, fcntl.LOCK_EX, wait_s):
            raise Busy(f"another worker still takes feed:{code} in {places.home()}")
        if not _held(home, fcntl.LOCK_SH, wait_s):
            raise _busy(home)
        # Every sharer writes the same, so that it does not matter who comes first.
        os.ftruncate(home.fileno(), 0)
        os.pwrite(home.fileno(), SHARED.encode(), 0)
        yield


@contextmanager
def small_lock(name: str) -> Iterator[None]:
    """Hold something small of the home for a moment; waits for whoever has it."""
    folder = places.ops() / "locks"
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / f"{name}.lock").open("a+") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _held(file: IO[str], kind: int, wait_s: float) -> bool:
    """Whether the lock was got, at once or within `wait_s`."""
    until = time.monotonic() + wait_s
    while True:
        try:
            fcntl.flock(file, kind | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= until:
                return False
            time.sleep(_LOOK_S)
        else:
            return True


def _busy(file: IO[str]) -> Busy:
    file.seek(0)
    holder = file.read().strip() or "unknown"
    return Busy(f"another run (process {holder}) works on {places.home()}")
