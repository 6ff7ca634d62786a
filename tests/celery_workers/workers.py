"""A broker, workers and the daily job, each a process of its own."""

from __future__ import annotations

import fcntl
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from dagster import DagsterEvent, DagsterInstance

from tests.connectors.servers import free_port, until

ROOT = Path(__file__).resolve().parents[2]
BIN = Path(sys.executable).parent


@contextmanager
def redis(folder: Path) -> Iterator[str]:
    """A Redis of our own; gives its address."""
    port = free_port()
    command = ["redis-server", "--port", str(port), "--bind", "127.0.0.1", "--dir", str(folder)]
    process = subprocess.Popen([*command, "--save", ""], stdout=subprocess.DEVNULL)
    try:
        ping = ["redis-cli", "-p", str(port), "ping"]
        until(lambda: b"PONG" in subprocess.run(ping, capture_output=True).stdout)
        yield f"redis://127.0.0.1:{port}/0"
    finally:
        process.kill()
        process.wait()


@contextmanager
def worker(environment: dict[str, str], name: str) -> Iterator[subprocess.Popen[bytes]]:
    """`fengqiao worker` in a process group of its own; ended with the block."""
    home = Path(environment["FENGQIAO_HOME"])
    with (home / f"worker-{name}.log").open("wb") as log:
        process = subprocess.Popen(
            [str(BIN / "fengqiao"), "worker", "--name", f"{name}@here"],
            env=environment,
            cwd=ROOT,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    try:
        yield process
    finally:
        felled(process)


def felled(process: subprocess.Popen[bytes]) -> None:
    """The worker and what it forked are gone at once, as when its machine falls."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def start_job(environment: dict[str, str]) -> subprocess.Popen[str]:
    """The daily job, as Dagster's own command runs it."""
    folder = Path(environment["DAGSTER_HOME"])
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "dagster.yaml").write_text("telemetry:\n  enabled: false\n")
    command = ["job", "execute", "-m", "orchestration.definitions", "-j", "daily"]
    return subprocess.Popen(
        [str(BIN / "dagster"), *command],
        env=environment,
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def ended(job: subprocess.Popen[str], timeout_s: float = 800.0) -> tuple[int, str]:
    """Exit code and what it said."""
    try:
        said, _ = job.communicate(timeout=timeout_s)
    finally:
        job.kill()
    return job.returncode, said


def taker(home: Path, step: str | None = None) -> int:
    """Wait until a worker is in the middle of a feed's step; gives the process that holds it."""
    pattern = f"{step or '*'}.lock"
    for _ in range(30_000):
        for file in (home / "ops/locks").glob(pattern):
            with file.open() as opened:
                try:
                    fcntl.flock(opened, fcntl.LOCK_SH | fcntl.LOCK_NB)
                except BlockingIOError:
                    if holder := _holder(file):
                        return holder
        time.sleep(0.01)
    raise AssertionError("no step was taken")


def _holder(file: Path) -> int | None:
    """The process that holds a file's lock, as the kernel lists it."""
    inode = file.stat().st_ino
    for line in Path("/proc/locks").read_text().splitlines():
        found = re.search(rf"FLOCK\s+ADVISORY\s+WRITE\s+(\d+)\s+\S+:{inode}\s", line)
        if found and int(found[1]) != os.getpid():
            return int(found[1])
    return None


def events(environment: dict[str, str]) -> list[DagsterEvent]:
    """What Dagster recorded of the home's last run."""
    with DagsterInstance.from_config(environment["DAGSTER_HOME"]) as instance:
        run = instance.get_runs(limit=1)[0]
        logged = instance.all_logs(run.run_id)
        return [e.dagster_event for e in logged if e.dagster_event is not None]


def tags(environment: dict[str, str]) -> dict[str, str]:
    """The tags of the home's last run."""
    with DagsterInstance.from_config(environment["DAGSTER_HOME"]) as instance:
        return dict(instance.get_runs(limit=1)[0].tags)


def takers(found: list[DagsterEvent]) -> dict[str, set[str]]:
    """Which steps each worker did."""
    done: dict[str, set[str]] = {}
    for event in found:
        about = event.engine_event_data.metadata if event.is_engine_event else {}
        if "Celery worker" in about and event.step_key:
            done.setdefault(str(about["Celery worker"].value), set()).add(event.step_key)
    return done
