"""Start, watch and stop Superset. Runs in the pipeline's environment; Superset is a subprocess."""

from __future__ import annotations

import contextlib
import hashlib
import logging
import os
import signal
import socket
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import httpx

from dashboards.server import paths
from dashboards.server.roles import roles
from ingestion import places

_HERE = Path(__file__).parent
_log = logging.getLogger("fengqiao.dashboards")
WARMING = "dashboards.compiler.warming"
_BEGINS_TRIES = 100  # of a hundredth of a second
_START_LIMIT_S = 120.0
_STOP_LIMIT_S = 20.0


class SupersetError(RuntimeError):
    """Superset cannot run; the text is one clear line for the user."""


@dataclass(frozen=True)
class Running:
    """A healthy server: where it is and whether this call started it."""

    address: str
    logins_file: Path
    started_here: bool


def environment() -> dict[str, str]:
    """What Superset's process needs in its environment."""
    return {
        **os.environ,
        **places.environment(),  # relative ones would mean Superset's own folder
        "SUPERSET_CONFIG_PATH": str(_HERE / "superset_config.py"),
        "SUPERSET_HOME": str(paths.superset_home()),
        "FLASK_APP": "superset.app:create_app()",
        "PYTHONPATH": str(paths.code_folder()),
        "PYTHONWARNINGS": "ignore",
    }


def start() -> Running:
    """Initialise if needed, start if needed, return when the login page answers."""
    if is_healthy() and _pid() is not None:
        return Running(paths.address(), paths.logins_file(), started_here=False)
    if not paths.superset_python().exists():
        raise SupersetError(f"Superset is not installed: {paths.superset_python()} is missing")
    stop()
    _require_free_port()
    initialise()
    with paths.log_file().open("ab") as log:
        process = subprocess.Popen(
            _gunicorn_command(),
            cwd=paths.superset_home(),
            env=environment(),
            stdout=log,
            stderr=log,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
        )
    paths.pid_file().write_text(f"{process.pid}\n", encoding="utf-8")
    _wait_until_healthy(process)
    return Running(paths.address(), paths.logins_file(), started_here=True)


def stop() -> bool:
    """Stop the server this home started; False when none runs."""
    end_warming()
    pid = _pid()
    if pid is None:
        paths.pid_file().unlink(missing_ok=True)
        return False
    os.kill(pid, signal.SIGTERM)
    deadline = time.monotonic() + _STOP_LIMIT_S
    while _pid() is not None and time.monotonic() < deadline:
        _reap(pid)
        time.sleep(0.1)
    if _pid() is not None:
        os.killpg(pid, signal.SIGKILL)
    paths.pid_file().unlink(missing_ok=True)
    return True


def reopen_page_file() -> bool:
    """Let workers finish and fork fresh ones, so that none holds the replaced page file.

    DuckDB hands an open instance of the old file to a new connection of the same process as
    long as one connection lives; only a new process surely opens the new file.
    """
    pid = _pid()
    if pid is None:
        return False
    os.kill(pid, signal.SIGHUP)
    return True


def is_running() -> bool:
    """True while the server that this home started lives."""
    return _pid() is not None


def begin_warming() -> bool:
    """Let answers be made ready beside the server, in the place of a program that still does it
    (dashboards/compiler/warming.py); False when Superset does not run.

    Waits for nothing and raises nothing: without it the first pages are slower, no more.
    """
    if not is_running():
        return False
    try:
        end_warming()
        with paths.log_file().with_name("warm.log").open("ab") as log:
            process = subprocess.Popen(
                [sys.executable, "-W", "ignore", "-m", WARMING],
                env={**os.environ, **places.environment()},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        paths.warming_pid_file().write_text(f"{process.pid}\n", encoding="ascii")
    except OSError as error:
        _log.warning("answers are not made ready: %s", error)
        return False
    return True


def end_warming() -> None:
    """End the program that makes answers ready (dashboards/compiler/warming.py), and its child."""
    file = paths.warming_pid_file()
    pid = _living(file, WARMING.encode())
    file.unlink(missing_ok=True)
    if pid is None:
        return
    with contextlib.suppress(ProcessLookupError):
        os.killpg(pid, signal.SIGKILL)  # it holds nothing that could be left half done
    deadline = time.monotonic() + _STOP_LIMIT_S
    while _is_there(pid) and time.monotonic() < deadline:
        time.sleep(0.02)


def is_healthy() -> bool:
    """True when `/login/` answers 200 (`/health` says OK while the login page is broken)."""
    try:
        return httpx.get(f"{paths.address()}/login/", timeout=10).status_code == 200
    except httpx.HTTPError:
        return False


def initialise() -> None:
    """Run the initialisation unless the same one already ran on this home."""
    marker = paths.superset_home() / "initialised"
    wanted = _initialisation_identity()
    done = marker.read_text(encoding="utf-8") if marker.exists() else ""
    if done == wanted and paths.metadata_file().exists() and paths.logins_file().exists():
        return
    command = [str(paths.superset_python()), "-m", "dashboards.server.initialise"]
    with paths.log_file().open("ab") as log:
        result = subprocess.run(
            command, cwd=paths.superset_home(), env=environment(), stdout=log, stderr=log
        )
    if result.returncode != 0:
        raise SupersetError(f"Superset's initialisation failed; see {paths.log_file()}")
    marker.write_text(wanted, encoding="utf-8")


def _initialisation_identity() -> str:
    digest = hashlib.sha256()
    for file in (_HERE / "initialise.py", paths.REPOSITORY / "requirements" / "superset.txt"):
        digest.update(file.read_bytes())
    digest.update(repr(roles()).encode())
    return digest.hexdigest()


def _gunicorn_command() -> list[str]:
    # --preload imports once and forks: half the start-up CPU and shared memory.
    return [
        str(paths.superset_python()),
        "-m",
        "gunicorn",
        "--workers=2",
        "--worker-class=gthread",
        "--threads=8",
        "--preload",
        "--no-control-socket",
        "--timeout=120",
        "--graceful-timeout=30",
        f"--bind=127.0.0.1:{paths.port()}",
        "superset.app:create_app()",
    ]


def _require_free_port() -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", paths.port()))
        except OSError as error:
            raise SupersetError(
                f"Port {paths.port()} is in use by another program; "
                "set FENGQIAO_SUPERSET_PORT to a free one"
            ) from error


def _wait_until_healthy(process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + _START_LIMIT_S
    while time.monotonic() < deadline:
        if process.poll() is not None:
            paths.pid_file().unlink(missing_ok=True)
            raise SupersetError(f"Superset stopped while starting; see {paths.log_file()}")
        if is_healthy():
            return
        time.sleep(0.3)
    stop()
    raise SupersetError(f"Superset did not answer in {_START_LIMIT_S:.0f} s; {paths.log_file()}")


def _pid() -> int | None:
    """The running gunicorn master of this home, or None."""
    return _living(paths.pid_file(), b"gunicorn")


def _living(file: Path, mark: bytes) -> int | None:
    try:
        pid = int(file.read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return None
    # The id may have been reused by another program since a crash.
    return pid if mark in _command(pid) else None


def _is_there(pid: int) -> bool:
    """Whether a process still runs; a child of ours that ended is taken note of."""
    try:
        return os.waitpid(pid, os.WNOHANG) == (0, 0)
    except ChildProcessError:
        return bool(_command(pid))


def _command(pid: int) -> bytes:
    """A process's command line; empty when it ended. One that has just begun has none yet."""
    for _ in range(_BEGINS_TRIES):
        try:
            words = Path(f"/proc/{pid}/cmdline").read_bytes()
            ended = Path(f"/proc/{pid}/stat").read_bytes().rpartition(b") ")[2][:1] in b"ZX"
        except (FileNotFoundError, ProcessLookupError):
            return b""
        if words or ended:
            return words
        time.sleep(0.01)
    return b""


def _reap(pid: int) -> None:
    try:
        os.waitpid(pid, os.WNOHANG)
    except ChildProcessError:
        return
