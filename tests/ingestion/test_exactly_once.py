"""Killed at any moment and run again: equal to a run that nobody disturbed."""

from __future__ import annotations

import os
import random
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import polars as pl
import pytest

from ingestion import places
from ingestion.lake.logs import read_log
from tests.conftest import AS_OF, settle
from tests.ingestion import victim
from tests.ingestion.handover import P44_HEADER, csv_text, receipt_json, stored, tickets

# A tenth of the kills that test_killed_delivery does, of several deliveries in one run.
KILLS = int(os.environ.get("FENGQIAO_KILLS", "100")) // 10
UK_HEADER = (
    "Crime ID,Month,Reported by,Falls within,Longitude,Latitude,Location,LSOA code,LSOA name,"
    "Crime type,Last outcome category,Context"
)


def uk(*ids: str) -> bytes:
    row = "{},2017-07,W,W,-1.5,53.8,On or near X,E01010001,Leeds 001A,Burglary,,"
    return "\n".join([UK_HEADER, *[row.format(i) for i in ids]]).encode()


def late(number: int, **change: str) -> dict[str, str]:
    return {"工单编号": f"SX20261001{number:08d}", "源系统更新时间": "2026-10-02 09:00", **change}


INBOX = {
    # rows that stay, one refused by a rule, one marked by a warning
    "P44/P44_20261001.csv": tickets(
        {}, {}, {"事项分类": "7"}, {"办结时间": "2026-09-01 08:00"}, {}
    ),
    # a newer version, an older one, the same again, one refused
    "P44/P44_20261002.csv": tickets(
        late(1, 办结时间="2026-10-02 08:00"),
        {
            "工单编号": "SX2026100100000002",
            "源系统更新时间": "2026-09-30 08:00",
            "镇街代码(统计用区划12位)": "330602001000",
        },
        {},
        late(4, 办理时限="?"),
        late(9),
    ),
    "P44/P44_20261003.csv": [],
}


def fill(folder: Path) -> None:
    """The same inbox in a new home."""
    for name, rows in INBOX.items():
        path = folder / "inbox" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(csv_text(P44_HEADER, rows).encode("gb18030"))
    extra = csv_text([*P44_HEADER, "身份证号"], [[*r, "x"] for r in tickets({}, {})])
    (folder / "inbox" / "P44" / "P44_20261004.csv").write_bytes(extra.encode("gb18030"))
    (folder / "inbox" / "UK01").mkdir()
    (folder / "inbox" / "UK01" / "2017-07-west-yorkshire-street.csv").write_bytes(
        uk("a1", "", "", "a2", "a1")
    )


@dataclass(frozen=True)
class State:
    """Everything a run leaves, but run metadata and what is encrypted."""

    tables: dict[str, list[tuple[object, ...]]]
    receipts: list[dict[str, object]]
    files: set[str]


def state(folder: Path) -> State:
    from ingestion.delivery import receipt

    with pytest.MonkeyPatch.context() as patch:
        settle(patch, folder)
        tables: dict[str, pl.DataFrame] = {code: stored(code) for code in victim.FEEDS}
        tables |= {name: read_log(name) for name in ("o01_delivery_log", "quarantine")}
        log = [receipt.from_row(r) for r in tables["o01_delivery_log"].iter_rows(named=True)]
        notes = sorted((receipt_json(r) for r in log), key=lambda b: str(b["delivery_id"]))
        home = places.home()
        files = {
            p.relative_to(home).as_posix()
            for place in (places.inbox(), places.outbox(), places.archive())
            for p in place.rglob("*")
            if p.is_file() and not p.name.endswith(".part")
        }
    return State({k: sorted(t.rows(), key=repr) for k, t in tables.items()}, notes, files)


def environment(folder: Path) -> dict[str, str]:
    return {
        "FENGQIAO_HOME": str(folder / "data"),
        "FENGQIAO_SECRETS": str(folder / "secrets"),
        "FENGQIAO_AGENCIES": str(folder / "agencies"),
        "FENGQIAO_AS_OF": AS_OF,
    }


def run(folder: Path, die_at: int = 0, after_s: float | None = None, steps: str = "") -> int:
    """One process; the exit code is -9 for one that was killed."""
    process = victim.start(environment(folder), die_at, steps)
    if after_s is not None:
        time.sleep(after_s)
        process.kill()
    return victim.ended(process)


@dataclass(frozen=True)
class Calm:
    """The undisturbed run: what it left, the steps it took, how long it took."""

    state: State
    steps: list[str]
    seconds: float


@pytest.fixture(scope="module")
def calm(tmp_path_factory: pytest.TempPathFactory) -> Calm:
    run(tmp_path_factory.mktemp("warm"))  # the fork server starts
    folder = tmp_path_factory.mktemp("calm")
    fill(folder / "data")
    began = time.perf_counter()
    assert run(folder, steps=str(folder / "steps")) == 0
    seconds = time.perf_counter() - began
    return Calm(state(folder), (folder / "steps").read_text().splitlines(), seconds)


def test_the_undisturbed_run_is_what_the_files_say(calm: Calm) -> None:
    log = calm.state.receipts
    assert [b["rows_n"] for b in sorted(log, key=lambda b: str(b["file_name"]))] == [5, 5, 5, 0, 2]
    assert len(calm.state.tables["P44"]) == 6
    assert len(calm.state.tables["UK01"]) == 4
    steps = {
        "archived",
        "workbook",
        "quarantine",
        "history",
        "data",
        "outbox",
        "receipt",
        "finished",
    }
    assert steps == set(calm.steps)
    assert not [f for f in calm.state.files if f.startswith("inbox/")]


def disturbed(folder: Path, *, die_at: int = 0, moments: Sequence[float] = ()) -> list[int]:
    """Runs that are killed, then one that is not; the exit codes of the killed ones."""
    fill(folder / "data")
    codes = [run(folder, die_at)] if die_at else [run(folder, after_s=m) for m in moments]
    assert run(folder) == 0
    return codes


def test_killed_after_any_step_and_run_again_nothing_differs(calm: Calm, tmp_path: Path) -> None:
    numbers = range(1, len(calm.steps) + 1)
    with ThreadPoolExecutor(2) as pool:
        codes = list(pool.map(lambda n: disturbed(tmp_path / str(n), die_at=n), numbers))
    assert codes == [[-9]] * len(numbers)
    for number, step in zip(numbers, calm.steps, strict=True):
        assert state(tmp_path / str(number)) == calm.state, f"killed at step {number}, {step}"


def test_killed_at_random_moments_and_run_again_nothing_differs(calm: Calm, tmp_path: Path) -> None:
    seed = random.randrange(1 << 30)
    chance = random.Random(seed)
    killed = trial = 0
    while killed < KILLS:
        assert trial <= 4 * KILLS, "the run ends before it can be killed"
        pair = {
            trial + k: [chance.uniform(0.1, 1.2) * calm.seconds for _ in range(2)] for k in (1, 2)
        }
        with ThreadPoolExecutor(2) as pool:
            codes = list(
                pool.map(lambda t: disturbed(tmp_path / str(t[0]), moments=t[1]), pair.items())
            )
        killed += sum(c.count(-9) for c in codes)
        for trial, moments in pair.items():
            assert state(tmp_path / str(trial)) == calm.state, f"seed {seed}: {moments}"
