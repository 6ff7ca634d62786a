"""One piece of work in a process of its own, measured. Imports nothing but the standard library."""

from __future__ import annotations

import json
import resource
import time
from collections.abc import Callable, Sequence
from importlib.metadata import version


def _cpu() -> float:
    both = (resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN))
    return sum(r.ru_utime + r.ru_stime for r in both)


def measure(work: Callable[[], None], rows: Callable[[], int], packages: Sequence[str]) -> None:
    """Run `work` and print one JSON line: `seconds` of the wall and `cpu_seconds` (both without
    the interpreter's start and the imports), `peak_mib` of the process, `rows` that are there
    afterwards, and the versions of `packages`. The rows are counted after the measurement.
    """
    cpu, start = _cpu(), time.perf_counter()
    work()
    seconds, cpu_seconds = time.perf_counter() - start, _cpu() - cpu
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss  # KiB on Linux
    taken = {
        "seconds": seconds,
        "cpu_seconds": cpu_seconds,
        "peak_mib": peak / 1024,
        "rows": rows(),
        "versions": {name: version(name) for name in packages},
    }
    print(json.dumps(taken), flush=True)
