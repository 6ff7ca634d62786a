"""Many write at once, some are killed, the disk is full: the chain holds."""

from __future__ import annotations

import os
import random
import signal
import statistics
import subprocess
import sys
import time
from pathlib import Path

import pytest

from ingestion.access import ACCESS, Access, NotLogged, Who, folder
from orchestration.access.verify import verify

ROOT = Path(__file__).resolve().parents[2]
LIMITED = """
import resource, signal, sys
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
from ingestion.access import ACCESS, Access, NotLogged
for _ in range(3):
    ACCESS.append(Access("sql"))
size = ACCESS.files()[0].stat().st_size
resource.setrlimit(resource.RLIMIT_FSIZE, (size + 100, size + 100))
try:
    ACCESS.append(Access("sql"))
except NotLogged as error:
    print(error)
    sys.exit(0 if ACCESS.files()[0].stat().st_size == size else 1)
sys.exit(2)
"""


def start(name: str, records_n: int) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "tests.access.writer", name, str(records_n)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )


def test_six_processes_write_one_chain(home: Path) -> None:
    running = [start(f"writer{n}", 150) for n in range(6)]
    numbers = [int(line) for p in running for line in p.communicate()[0].split()]
    assert sorted(numbers) == list(range(1, 901))
    found = verify(ACCESS)
    assert found.findings == []
    assert found.records_n == 900


def test_killed_writers_leave_a_log_that_others_go_on_with(home: Path) -> None:
    chance = random.Random(20261031)
    told = 0
    for _ in range(8):
        running = [start("victim", 0), start("other", 0)]
        assert running[0].stdout is not None
        running[0].stdout.readline()
        time.sleep(chance.uniform(0.0, 0.08))
        for process in running:
            os.kill(process.pid, signal.SIGKILL)
        told += 1 + sum(len(p.communicate()[0].splitlines()) for p in running)
        found = verify(ACCESS)
        assert found.wrong == []
        # Whoever was told that the record stands finds it there.
        assert found.records_n >= told
    ACCESS.append(Access("sql"))
    assert verify(ACCESS).wrong == []


def test_a_full_disk_refuses_and_leaves_no_half_record(home: Path) -> None:
    done = subprocess.run([sys.executable, "-c", LIMITED], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "the access log cannot be written" in done.stdout
    assert verify(ACCESS).findings == []


def test_a_folder_that_is_gone_refuses(home: Path) -> None:
    folder().parent.mkdir(parents=True)
    folder().write_text("no folder", "utf-8")
    with pytest.raises(NotLogged):
        ACCESS.append(Access("sql"))


def test_a_record_costs_a_page_less_than_two_milliseconds(home: Path) -> None:
    access = Access(
        "page",
        ("indicator_board",),
        filter='{"asked": [{"filters": [["区县", "==", "330681"]]}], "row rule": ["1 = 1"]}',
        rows=12,
        who=Who("leader", "leader", "superset"),
    )
    seconds = []
    for _ in range(300):
        began = time.perf_counter()
        ACCESS.append(access, durable=False)
        seconds.append(time.perf_counter() - began)
    assert statistics.median(seconds) < 0.002
