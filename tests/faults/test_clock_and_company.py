"""The clock leaps; two runs begin at once; Superset does not listen. The day ends as if alone."""

from __future__ import annotations

import logging
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from ingestion.lock import Busy, run_lock
from orchestration.publish import mark
from tests.conftest import settle
from tests.faults import homes
from tests.faults.same import differences
from tests.orchestration.conftest import ROOT

BEFORE = "2026-10-30T09:00:00"


def test_a_clock_that_goes_back_is_followed_and_forgotten(
    yesterday: Path, alone: Path, tmp_path: Path
) -> None:
    city = homes.copy(yesterday, tmp_path / "city")
    (city / "data/inbox/UK01" / homes.WAITING).unlink()
    back = homes.run(city, FENGQIAO_AS_OF=BEFORE)
    assert back.returncode == 0, back.stderr
    assert homes.state(city) == (BEFORE, "ok")
    homes.lay_today(city)
    assert homes.run(city).returncode == 0
    homes.conserved(city)
    assert homes.state(city) == (homes.TODAY, "ok")
    assert differences(city, alone) == []


def test_of_three_runs_begun_at_once_one_works_and_two_change_nothing(
    yesterday: Path, alone: Path, tmp_path: Path
) -> None:
    city = homes.copy(yesterday, tmp_path / "city")
    runs = [homes.start(city) for _ in range(3)]
    said = {p.pid: p.communicate(timeout=300) for p in runs}
    assert sorted(p.returncode for p in runs) == [0, 3, 3]
    for process in runs:
        if process.returncode == 3:
            out, err = said[process.pid]
            assert out == "" and "another run" in err
    homes.conserved(city)
    assert homes.state(city) == (homes.TODAY, "ok")
    assert differences(city, alone) == []


def test_the_lock_is_never_held_twice_however_many_ask(tmp_path: Path) -> None:
    """Sixteen processes ask fifty times each; whoever has it finds nobody's mark."""
    code = (
        "import os, pathlib\n"
        "from ingestion.lock import Busy, run_lock\n"
        "mark, won = pathlib.Path(os.environ['FENGQIAO_HOME']) / 'held', 0\n"
        "for _ in range(50):\n"
        "    try:\n"
        "        with run_lock():\n"
        "            os.close(os.open(mark, os.O_CREAT | os.O_EXCL)); mark.unlink(); won += 1\n"
        "    except Busy:\n"
        "        pass\n"
        "print(won)\n"
    )
    environment = {**os.environ, "FENGQIAO_HOME": str(tmp_path / "data")}
    asked = [
        subprocess.Popen(
            [sys.executable, "-c", code],
            env=environment,
            cwd=ROOT,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(16)
    ]
    won = [p.communicate(timeout=60)[0] for p in asked]
    assert {p.returncode for p in asked} == {0}
    assert sum(int(n) for n in won) >= 16


def test_the_lock_of_a_dead_run_is_free(home: Path) -> None:
    code = "import time\nfrom ingestion.lock import run_lock\nwith run_lock():\n"
    code += "    print('held', flush=True); time.sleep(60)"
    holder = subprocess.Popen(
        [sys.executable, "-c", code], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    assert holder.stdout is not None and holder.stdout.readline() == "held\n"
    with pytest.raises(Busy, match=str(holder.pid)), run_lock():
        pass
    holder.kill()
    holder.wait()
    with run_lock():
        pass


@pytest.mark.parametrize("superset", ["none", "gone", "garbage", "hung"])
def test_pages_are_renamed_into_place_whether_superset_listens_or_not(
    alone: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    superset: str,
) -> None:
    data = settle(monkeypatch, tmp_path)
    (data / "ops").mkdir(parents=True)
    shutil.copytree(alone / "data/serving", data / "serving")
    # What the product looks for is the word in the command line; this one never answers.
    stopped = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)", "gunicorn"])
    stopped.send_signal(signal.SIGSTOP)
    if superset == "gone":
        stopped.kill()
        stopped.wait()
    try:
        pid = {"none": "", "garbage": "x"}.get(superset, str(stopped.pid))
        if pid:
            (data / "ops/superset.pid").write_text(pid)
        with caplog.at_level(logging.INFO, logger="fengqiao"):
            assert mark("failed", "试验")
    finally:
        stopped.kill()
        stopped.wait()
    assert homes.state(tmp_path) == (homes.TODAY, "failed")
    expected = "Superset reopens" if superset == "hung" else "Superset does not run"
    assert expected in caplog.text
