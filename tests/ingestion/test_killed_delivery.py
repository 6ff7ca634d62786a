"""One delivery, killed at a hundred moments on a tiny lake: nothing lost, nothing doubled.

The delivery inserts, updates, deletes, supersedes, repeats and quarantines, keeps history and
brings control figures, so every durable step is among those that a kill can meet. A home is
killed several times in a row before it may finish.
"""

from __future__ import annotations

import hashlib
import json
import os
import random
import shutil
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import polars as pl
import pytest

from ingestion import places
from ingestion.connectors import inbox
from ingestion.contract import Contract
from ingestion.contract.load import load_file
from ingestion.delivery import archive, deliver, receipt
from ingestion.lake.logs import read_log
from ingestion.lake.tables import history_path
from tests.conftest import settle
from tests.ingestion.handover import csv_text, make_contract, receipt_json, stored
from tests.ingestion.test_corrections import AMOUNT, CHANGED, KEY, OPERATION, STATE, moment
from tests.ingestion.test_exactly_once import environment
from tests.ingestion.victim import begin, ended

# 100 in CI, at other moments each time; the soak asks for two thousand.
KILLS = int(os.environ.get("FENGQIAO_KILLS", "100"))
KILLS_IN_A_ROW = 4
HEADER = ["case_id", "amount", "state", "changed", "操作"]
FIRST = [[f"c{n}", str(n), "open", moment(1), ""] for n in range(20)]
SECOND = [
    ["c1", "100", "open", moment(2), ""],  # updated
    ["c2", "", "", moment(2), "D"],  # deleted
    ["c3", "7", "open", "2026-09-30 08:00:00", ""],  # superseded
    ["c4", "4", "open", moment(1), ""],  # unchanged
    ["c5", "many", "open", moment(2), ""],  # quarantined
    ["new1", "1", "open", moment(2), ""],
    ["new2", "2", "open", moment(2), ""],
    ["new2", "3", "open", moment(2), ""],
]


def _take_in(settings: dict[str, str], contract: str) -> None:
    """What dies: the run of one feed, as the pipeline does it."""
    os.environ.update(settings)
    loaded = load_file(Path(contract))
    archive.sweep(loaded.code)
    for received in inbox.pending(loaded):
        deliver(received)


@dataclass(frozen=True)
class State:
    """Everything a run leaves, but run metadata and what is encrypted."""

    tables: list[list[tuple[object, ...]]]
    receipts: list[dict[str, object]]
    files: set[str]


def state(folder: Path, contract: Contract) -> State:
    with pytest.MonkeyPatch.context() as patch:
        home = settle(patch, folder)
        history = pl.read_delta(str(history_path(contract))).drop("_loaded_at")
        tables = [stored(contract), history, read_log("quarantine")]
        log = [receipt.from_row(r) for r in read_log("o01_delivery_log").iter_rows(named=True)]
        told = sorted((receipt_json(r) for r in log), key=lambda b: str(b["delivery_id"]))
        kept = (places.inbox(), places.outbox(), places.archive())
        files = {
            p.relative_to(home).as_posix()
            for place in kept
            for p in place.rglob("*")
            if p.is_file() and not p.name.endswith(".part")
        }
    return State([sorted(t.rows(), key=repr) for t in tables], told, files)


def _lay(folder: Path, name: str, rows: list[list[str]]) -> None:
    content = csv_text(HEADER, rows).encode()
    figures = {
        "size_bytes": len(content),
        "sha256": hashlib.sha256(content).hexdigest(),
        "rows": len(rows),
    }
    box = folder / "data" / "inbox" / "T01"
    box.mkdir(parents=True, exist_ok=True)
    (box / name).write_bytes(content)
    (box / f"{name}.chk").write_text(json.dumps(figures))


def run(folder: Path, contract: Path, after_s: float | None = None) -> int:
    process = begin(_take_in, environment(folder), str(contract))
    if after_s is not None:
        time.sleep(after_s)
        process.kill()
    return ended(process)


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """(a home with one delivery taken in and one that waits, the contract's file)."""
    folder = tmp_path_factory.mktemp("tiny")
    columns = [KEY, AMOUNT, STATE, CHANGED, OPERATION]
    own = {"history": True}
    make_contract(folder, columns, version="changed", own=own, control={"suffix": ".chk"})
    contract = folder / "t01_test.odcs.yaml"
    base = folder / "base"
    _lay(base, "T01_20261001.csv", FIRST)
    assert run(base, contract) == 0
    _lay(base, "T01_20261002.csv", SECOND)
    return base, contract


def test_killed_at_any_moment_and_run_again_nothing_differs(
    tiny: tuple[Path, Path], tmp_path: Path
) -> None:
    base, file = tiny
    contract = load_file(file)
    shutil.copytree(base, tmp_path / "calm")
    began = time.perf_counter()
    assert run(tmp_path / "calm", file) == 0
    seconds = time.perf_counter() - began
    calm = state(tmp_path / "calm", contract)
    (first,) = [r for r in calm.receipts if r["file_name"] == "T01_20261002.csv"]
    classes = ("inserted", "updated", "deleted", "unchanged", "superseded", "quarantined")
    assert [first[f"{c}_n"] for c in classes] == [2, 1, 1, 1, 2, 1]

    seed = random.randrange(1 << 30)
    chance = random.Random(seed)
    killed = trial = 0

    def disturbed(number: int, moments: list[float]) -> list[int]:
        folder = tmp_path / str(number)
        shutil.copytree(base, folder)
        codes = [run(folder, file, m) for m in moments]
        assert run(folder, file) == 0
        return codes

    while killed < KILLS:
        assert trial <= 8 * KILLS, "the run ends before it can be killed"
        wanted = [
            [chance.uniform(0.05, 1.1) * seconds for _ in range(KILLS_IN_A_ROW)] for _ in range(2)
        ]
        with ThreadPoolExecutor(2) as pool:
            codes = list(pool.map(disturbed, range(trial, trial + 2), wanted))
        # The places are those of the process, so the threads must have ended.
        for number, moments in zip(range(trial, trial + 2), wanted, strict=True):
            assert state(tmp_path / str(number), contract) == calm, f"seed {seed}: {moments}"
            shutil.rmtree(tmp_path / str(number))
        trial += 2
        killed += sum(c.count(-9) for c in codes)
