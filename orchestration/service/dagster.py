"""Dagster's web server and daemon on loopback, with their home in `ops/dagster`."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from ingestion import places
from orchestration.service import processes

_STEP = re.compile(r"STEP_START - Started execution of step \"(\w+)\"")
NAME, MARK = "dagster", "orchestration.definitions"
# In-process runs share imports with the code server: the day's job starts in a second.
_CONFIGURATION = """telemetry:
  enabled: false
nux:
  enabled: false
run_coordinator:
  module: dagster._core.run_coordinator
  class: QueuedRunCoordinator
  config:
    max_concurrent_runs: 1
"""


def port() -> int:
    return int(os.environ.get("FENGQIAO_DAGSTER_PORT", "3300"))


def address() -> str:
    return f"http://127.0.0.1:{port()}"


def home() -> Path:
    """Dagster's home, made with its configuration."""
    folder = places.ops() / "dagster"
    folder.mkdir(parents=True, exist_ok=True)
    configuration = folder / "dagster.yaml"
    if not configuration.exists() or configuration.read_text() != _CONFIGURATION:
        configuration.write_text(_CONFIGURATION)
    return folder


def _environment() -> dict[str, str]:
    return {"DAGSTER_HOME": str(home()), "PYTHONWARNINGS": "ignore"}


def _command(*words: str) -> list[str]:
    return [str(Path(sys.executable).with_name("dagster")), *words]


def run_daily(say: Callable[[str], None]) -> None:
    """The daily job, once, in a process of its own, recorded in Dagster's home."""
    log = processes.log_file("daily")
    process = subprocess.Popen(
        _command("job", "execute", "-m", MARK, "-j", "daily"),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env={**os.environ, **_environment()},
    )
    with log.open("a", encoding="utf-8") as file, process:
        for line in process.stdout or ():
            file.write(line)
            started = _STEP.search(line)
            if started:
                say(f"  {started[1]}")
    if process.returncode:
        raise processes.ServiceError(f"the daily job failed; see {log}")


def start() -> bool:
    """Start Dagster; True when started here."""
    if processes.running(NAME, MARK) is None:
        processes.require_free(port(), "FENGQIAO_DAGSTER_PORT")
    command = _command("dev", "-h", "127.0.0.1", "-p", str(port()), "-m", MARK)
    return processes.start(NAME, command, MARK, f"{address()}/server_info", _environment())


def stop() -> bool:
    return processes.stop(NAME, MARK)
