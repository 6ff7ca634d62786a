"""Start, find and stop a background process by its pid file; one clear line when it cannot."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import time
from pathlib import Path

import httpx

from ingestion import places

START_SECONDS = 90.0
STOP_SECONDS = 15.0


class ServiceError(RuntimeError):
    """A service cannot run; the text is one line for the user."""


def pid_file(name: str) -> Path:
    places.ops().mkdir(parents=True, exist_ok=True)
    return places.ops() / f"{name}.pid"


def log_file(name: str) -> Path:
    folder = places.ops() / "logs"
    folder.mkdir(parents=True, exist_ok=True)
    return folder / f"{name}.log"


def _mine(pid: int, mark: str) -> bool:
    """Whether the process still is ours: pids are used again."""
    try:
        return mark.encode() in Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return False


def running(name: str, mark: str) -> int | None:
    """The pid of a living service, else None."""
    path = pid_file(name)
    if not path.exists():
        return None
    text = path.read_text().strip()
    pid = int(text) if text.isdigit() else 0
    return pid if pid and _mine(pid, mark) else None


def require_free(port: int, variable: str) -> None:
    """Raise when somebody else listens on the port."""
    with socket.socket() as probe:
        if probe.connect_ex(("127.0.0.1", port)) == 0:
            raise ServiceError(f"port {port} is in use: stop what holds it or set {variable}")


def _answers(url: str) -> bool:
    try:
        return httpx.get(url, timeout=2.0).status_code < 500
    except httpx.HTTPError:
        return False


def start(
    name: str, command: list[str], mark: str, url: str, environment: dict[str, str] | None = None
) -> bool:
    """Start a service unless it runs; wait until `url` answers. True when started here."""
    if running(name, mark) is not None and _answers(url):
        return False
    stop(name, mark)
    with log_file(name).open("ab") as log:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
            env={**os.environ, **places.environment(), **(environment or {})},
        )
    pid_file(name).write_text(str(process.pid))
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise ServiceError(f"{name} ended at once; see {log_file(name)}")
        if _answers(url):
            return True
        time.sleep(0.2)
    raise ServiceError(f"{name} does not answer after {START_SECONDS:.0f} s; see {log_file(name)}")


def stop(name: str, mark: str) -> bool:
    """Stop a service and its children; True when it was running."""
    pid = running(name, mark)
    pid_file(name).unlink(missing_ok=True)
    if pid is None:
        return False
    for sign in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(pid, sign)
        except ProcessLookupError:
            return True
        deadline = time.monotonic() + STOP_SECONDS
        while time.monotonic() < deadline and _mine(pid, mark):
            _reap(pid)
            time.sleep(0.1)
        if not _mine(pid, mark):
            break
    return True


def _reap(pid: int) -> None:
    try:
        os.waitpid(pid, os.WNOHANG)
    except ChildProcessError:
        return
