"""One run of one program in a copy of its base: wall, CPU and memory of the whole process tree."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from benchmarks.default_pipeline.layout import ROOT, Layout

BENCH = ROOT / ".venv" / "bench" / "bin"
SAMPLE_S = 0.5
Stages = dict[str, dict[str, float]]


@contextmanager
def agencies_api(layout: Layout, environment: dict[str, str]) -> Iterator[str]:
    """The agencies' interface with the demonstration's limits and failures; gives its address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    command = [sys.executable, "-m", "simulation.agency_api", "--port", str(port)]
    with (layout.folder / "api.log").open("ab") as log:
        process = subprocess.Popen(command, env=environment, cwd=ROOT, stdout=log, stderr=log)
    try:
        for _ in range(600):
            try:
                urllib.request.urlopen(url)
            except urllib.error.HTTPError:
                break
            except OSError:
                time.sleep(0.1)
        yield url
    finally:
        process.terminate()
        process.wait()


def _tree(root: int) -> list[int]:
    """The process and all that descend from it."""
    parents: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                fields = (entry / "stat").read_text().rpartition(")")[2].split()
            except OSError:  # it has ended meanwhile
                continue
            parents.setdefault(int(fields[1]), []).append(int(entry.name))
    found = [root]
    for pid in found:
        found += parents.get(pid, [])
    return found


def _pss_kib(pid: int) -> int:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith("Pss:")), 0)


class Watched:
    """The greatest memory that a process and its descendants held together, sampled."""

    def __init__(self, root: int) -> None:
        self.peak_mib = 0.0
        self._root, self._over = root, threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def _watch(self) -> None:
        while not self._over.wait(SAMPLE_S):
            held = sum(map(_pss_kib, _tree(self._root))) / 1024
            self.peak_mib = max(self.peak_mib, held)

    def end(self) -> float:
        self._over.set()
        self._thread.join()
        return self.peak_mib


def timed(command: list[str], environment: dict[str, str], log: Path) -> dict[str, float]:
    """Run a command to its end: `began`, seconds of the wall and of CPU (of all it waited for),
    and the peak. Ends the benchmark with the log's end if the command fails."""
    os.sync()  # nobody pays for what the one before left to be written
    with log.open("wb") as out:
        began = time.monotonic()
        process = subprocess.Popen(
            command, cwd=ROOT, env=environment, stdout=out, stderr=subprocess.STDOUT
        )
        watched = Watched(process.pid)
        _, status, used = os.wait4(process.pid, 0)
        wall = time.monotonic() - began
        process.returncode = os.waitstatus_to_exitcode(status)
    peak = watched.end()
    if process.returncode:
        raise SystemExit(f"{' '.join(command)} failed:\n{log.read_text('utf-8')[-4000:]}")
    return {
        "began": began,
        "seconds": wall,
        "cpu_seconds": used.ru_utime + used.ru_stime,
        "peak_mib": peak,
    }


def copied(source: Path, target: Path) -> None:
    """`source` in the place of `target`; what the two sides change, they change there."""
    shutil.rmtree(target, ignore_errors=True)
    shutil.copytree(source, target, symlinks=True)


def lines(home: Path) -> list[dict[str, Any]]:
    """What a run wrote down of its steps."""
    text = (home / "stages.jsonl").read_text("utf-8")
    return [json.loads(line) for line in text.splitlines()]


GROUPS = {"deliver": "feeds", "checks": "feeds", "dbt": "dbt", "judge": "pages", "publish": "pages"}


def stages_of_ours(taken: dict[str, float], steps: list[dict[str, Any]]) -> Stages:
    """Seconds and CPU by stage; the process's start belongs to the first, its end to the last."""
    found: Stages = {}
    ends = [(s["at"], s["cpu_s"]) for s in steps[1:-1]]
    ends.append((taken["began"] + taken["seconds"], taken["cpu_seconds"]))
    at, cpu = taken["began"], 0.0
    for step, (until, cpu_until) in zip(steps[:-1], ends, strict=True):
        stage = found.setdefault(GROUPS[step["step"]], {"seconds": 0.0, "cpu_seconds": 0.0})
        stage["seconds"] += until - at
        stage["cpu_seconds"] += cpu_until - cpu
        at, cpu = until, cpu_until
    return found


def stages_of_peer(taken: dict[str, float], steps: list[dict[str, Any]]) -> Stages:
    """The same; the CPU of Dagster's own process is `dagster`, beside the stages."""
    found: Stages = {}
    at = taken["began"]
    for name, key in (("feeds", "feeds"), ("dbt", "dbt"), ("pages", "publish")):
        mine = [s for s in steps if s["stage"] == key]
        until = max(s["ended"] for s in mine)
        if name == "pages":
            until = taken["began"] + taken["seconds"]
        cpu = sum(s["cpu_s"] for s in mine)
        found[name] = {"seconds": until - at, "cpu_seconds": cpu}
        at = until
    rest = taken["cpu_seconds"] - sum(s["cpu_seconds"] for s in found.values())
    found["dagster"] = {"seconds": 0.0, "cpu_seconds": rest}
    return found


def inside_feeds(steps: list[dict[str, Any]]) -> dict[str, float]:
    """Where the peer's feed steps spent their time, summed over their processes, in seconds."""
    mine = [s for s in steps if s["stage"] == "feeds"]
    keys = ("start_s", "import_s", "read_s", "dlt_s", "gx_s")
    return {key: sum(s.get(key, 0.0) for s in mine) for key in keys} | {
        "processes": float(len(mine))
    }
