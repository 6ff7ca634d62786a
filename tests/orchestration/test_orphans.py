"""Workers of a replay do not outlive whoever holds the home's lock."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

from ingestion import places

WAIT_SECONDS = 10.0
REPLAY = """
import multiprocessing, time
from ingestion import clock
from orchestration.run.replay import replay_apart

def told(feed, _n):
    print(*(p.pid for p in multiprocessing.active_children()), flush=True)
    time.sleep(600)  # the pool waits for what comes next

if __name__ == "__main__":
    replay_apart(clock.as_of(), 2, told)
"""


def _alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


def test_workers_end_when_their_replay_is_killed(home: Path, tmp_path: Path) -> None:
    script = tmp_path / "replay_alone.py"
    script.write_text(REPLAY, "utf-8")
    places.agencies().mkdir(parents=True, exist_ok=True)
    arrivals = [
        f"{code},file,2026-01-31,2026-02-01T08:00:00,inbox/{code}/{code}_202601.csv"
        for code in ("P12", "P20")
    ]
    head = "feed_code,kind,period_end,arrives_at,file"
    (places.agencies() / "manifest.csv").write_text("\n".join([head, *arrivals, ""]), "utf-8")
    root = Path(__file__).resolve().parents[2]
    environment = {**os.environ, "PYTHONPATH": str(root)}
    replay = subprocess.Popen(
        [sys.executable, "-W", "ignore", str(script)],
        env=environment, cwd=root, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        assert replay.stdout is not None
        workers = [int(pid) for pid in replay.stdout.readline().split()]
        assert workers and all(map(_alive, workers))
    finally:
        replay.kill()
        replay.wait()
    until = time.monotonic() + WAIT_SECONDS
    while any(map(_alive, workers)) and time.monotonic() < until:
        time.sleep(0.1)
    assert [pid for pid in workers if _alive(pid)] == []
