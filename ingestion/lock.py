"""One run at a time on a data home. The kernel lets go of the lock when the holder dies."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager

from ingestion import places


class Busy(RuntimeError):
    """Another run works on this data home."""


@contextmanager
def run_lock() -> Iterator[None]:
    """Hold the data home; raises `Busy` at once when somebody else does."""
    places.ops().mkdir(parents=True, exist_ok=True)
    path = places.ops() / "run.lock"
    with path.open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            holder = file.read().strip() or "unknown"
            raise Busy(f"another run (process {holder}) works on {places.home()}") from None
        file.seek(0)
        file.truncate()
        file.write(str(os.getpid()))
        file.flush()
        yield
