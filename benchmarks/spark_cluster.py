"""A Spark standalone cluster of this machine: a master and two workers, from the pyspark wheel."""

from __future__ import annotations

import os
import re
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

WORKERS = 2
_STARTS_WITHIN_S = 90
_DEPLOY = "org.apache.spark.deploy"


@contextmanager
def cluster(folder: Path, memory: str = "1g") -> Iterator[str]:
    """The master's address while it and its workers live, each with `memory` for its executor;
    logs and scratch files in `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    running: list[subprocess.Popen[bytes]] = []
    try:
        log = folder / "master.log"
        running.append(_start(f"{_DEPLOY}.master.Master", log, folder, "--port", "0"))
        address = _said(log, r"Starting Spark master at (spark://\S+)")
        for number in range(WORKERS):
            more = ("--cores", "1", "--memory", memory, "--port", "0")
            log = folder / f"worker-{number}.log"
            running.append(_start(f"{_DEPLOY}.worker.Worker", log, folder, *more, address))
            _said(log, r"(Successfully registered with master)")
        yield address
    finally:
        for process in reversed(running):
            process.terminate()
        for process in running:
            process.wait(timeout=30)


def _start(name: str, log: Path, folder: Path, *arguments: str) -> subprocess.Popen[bytes]:
    found = find_spec("pyspark")
    assert found is not None and found.origin is not None
    home = Path(found.origin).parent
    environment = {
        **os.environ,
        "SPARK_HOME": str(home),
        "SPARK_LOCAL_DIRS": str(folder / "scratch"),
        "SPARK_WORKER_DIR": str(folder / "work"),
        "SPARK_DAEMON_MEMORY": "256m",
    }
    command = [str(home / "bin/spark-class"), name, "--host", "127.0.0.1", "--webui-port", "0"]
    with log.open("wb") as out:
        return subprocess.Popen(
            [*command, *arguments], env=environment, stdout=out, stderr=subprocess.STDOUT
        )


def _said(log: Path, pattern: str) -> str:
    """What a daemon logs once it is ready."""
    until = time.monotonic() + _STARTS_WITHIN_S
    while time.monotonic() < until:
        found = re.search(pattern, log.read_text("utf-8", errors="replace"))
        if found:
            return found[1]
        time.sleep(0.2)
    raise TimeoutError(f"{log.name}: no {pattern!r} in {log.read_text()[-2000:]}")
