"""A service that cannot run says so in one line; one that runs is left alone."""

from __future__ import annotations

import socket
import sys
from pathlib import Path

import pytest

from ingestion.lock import Busy, run_lock
from orchestration.service import agencies, demonstration, processes

_SERVER = """
import http.server, sys
address = ("127.0.0.1", int(sys.argv[1]))
http.server.HTTPServer(address, http.server.SimpleHTTPRequestHandler).serve_forever()
"""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def test_a_busy_port_is_one_clear_line(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        port = holder.getsockname()[1]
        monkeypatch.setenv("FENGQIAO_AGENCY_PORT", str(port))
        with pytest.raises(processes.ServiceError) as raised:
            agencies.start()
    assert str(port) in str(raised.value) and "FENGQIAO_AGENCY_PORT" in str(raised.value)
    assert "\n" not in str(raised.value)


def test_a_running_service_is_left_alone_and_stops_when_told(home: Path) -> None:
    port = free_port()
    command = [sys.executable, "-c", _SERVER, str(port)]
    url = f"http://127.0.0.1:{port}/"
    assert processes.start("probe", command, "http.server", url)
    first = processes.running("probe", "http.server")
    assert not processes.start("probe", command, "http.server", url)
    assert processes.running("probe", "http.server") == first
    assert processes.stop("probe", "http.server")
    assert processes.running("probe", "http.server") is None
    assert not processes.stop("probe", "http.server")


def test_a_service_that_dies_names_its_log(home: Path) -> None:
    with pytest.raises(processes.ServiceError, match=r"ended at once; see .*broken\.log"):
        processes.start(
            "broken", [sys.executable, "-c", "raise SystemExit(1)"], "x", "http://127.0.0.1:9/"
        )


def test_a_pid_used_again_by_another_program_is_not_ours(home: Path) -> None:
    import os

    processes.pid_file("probe").write_text(str(os.getpid()))
    assert processes.running("probe", "no such mark in this command line") is None


def test_too_little_disk_is_one_clear_line(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(demonstration, "NEEDED_DISK_BYTES", 1 << 60)
    with pytest.raises(demonstration.NotReady, match="GiB free at"):
        demonstration.require_disk()


def test_two_runs_never_work_on_one_home(home: Path) -> None:
    with run_lock(), pytest.raises(Busy, match="another run"), run_lock():
        pass


def test_superset_gets_the_users_places_though_it_works_in_its_own_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from dashboards.server import control

    for name in ("FENGQIAO_HOME", "FENGQIAO_SECRETS", "FENGQIAO_AGENCIES"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    given = control.environment()
    assert given["FENGQIAO_SECRETS"] == str(tmp_path.resolve() / ".secrets")
    assert given["FENGQIAO_HOME"] == str(tmp_path.resolve() / "data")
