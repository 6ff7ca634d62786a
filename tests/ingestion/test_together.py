"""Deliveries that end together leave what they would leave one by one, and are killed as safely."""

from __future__ import annotations

import os
import random
import shutil
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, BinaryIO

import polars as pl
import pytest

from ingestion import places
from ingestion.connectors import inbox
from ingestion.contract import Contract
from ingestion.contract.load import load_file
from ingestion.delivery import archive, deliver
from ingestion.delivery.deliver import Batch
from ingestion.delivery.received import Received
from ingestion.lake import logs
from ingestion.lake.logs import read_log
from ingestion.lake.tables import exists, feed_path, history_path
from tests.conftest import settle
from tests.ingestion.handover import csv_text, make_contract, stored
from tests.ingestion.test_corrections import AMOUNT, CHANGED, KEY, OPERATION, STATE
from tests.ingestion.test_exactly_once import environment
from tests.ingestion.test_killed_delivery import FIRST, SECOND, _lay, run, state
from tests.ingestion.victim import begin, ended

DELIVERIES, CASES = 14, 30
O01, QUARANTINE = "o01_delivery_log", "quarantine"
KINDS: dict[str, dict[str, Any]] = {
    "corrected": {"own": {"history": True}, "version": "changed"},
    "snapshot": {"own": {"snapshot": "all"}, "version": "changed"},
    "months": {"own": {"snapshot": "period"}, "version": "changed"},
    "keyless": {"own": {"duplicate_policy": "none"}},
    "appended": {"own": {"duplicate_policy": "append"}},
}


def _contract(folder: Path, kind: str) -> Contract:
    columns: list[dict[str, Any]] = [KEY, AMOUNT, STATE, CHANGED, OPERATION]
    if kind != "corrected":
        columns = columns[:4]
    if kind in ("keyless", "appended"):
        columns = [{k: v for k, v in c.items() if k not in ("key", "transport")} for c in columns]
        columns[0] = {**columns[0], "required": False}
    return make_contract(folder, columns, **KINDS[kind])


def _files(kind: str, seed: int) -> list[bytes]:
    """Deliveries that insert, change, confirm, take back, repeat and spoil the same few rows."""
    chance = random.Random(seed)
    header = ["case_id", "amount", "state", "changed", "操作"]
    files = []
    for number in range(DELIVERIES):
        few = CASES if kind in ("snapshot", "months") else chance.randrange(12)
        rows = []
        for case in chance.sample(range(CASES), few) if few else []:
            row = [
                f"c{case}" if kind != "keyless" or chance.random() < 0.7 else "",
                chance.choice(["1", "2", "3", "many"] if chance.random() < 0.2 else ["1", "2"]),
                chance.choice(["open", "closed"]),
                f"2026-{chance.choice(['09', '10'])}-{chance.randrange(1, 20):02d} 08:00:00",
                chance.choice(["", "", "", "D"]),
            ]
            rows += [row] * chance.choice([1, 1, 1, 2])
        cells = [row if kind == "corrected" else row[:4] for row in rows]
        named = header if kind == "corrected" else header[:4]
        files.append(csv_text(named, cells).encode() if number != 5 else b"nothing of it\r\n1\r\n")
    return [*files, files[3]]


def _received(contract: Contract, number: int, content: bytes) -> Received:
    folder = places.inbox() / contract.code
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"T01_202610{number + 1:02d}.csv"
    path.write_bytes(content)
    return inbox.receive(contract, path)


def _left(contract: Contract) -> list[list[tuple[object, ...]]]:
    tables = [read_log(O01), read_log(QUARANTINE)]
    if exists(feed_path(contract)):
        tables.append(stored(contract))
    if exists(history_path(contract)):
        tables.append(pl.read_delta(str(history_path(contract))))
    assert not [p for p in (places.inbox() / contract.code).iterdir() if p.is_file()]
    return [sorted(table.rows(), key=repr) for table in tables]


@contextmanager
def _home(folder: Path) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        settle(patch, folder)
        yield


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("most", [10, 1_000_000])
def test_together_they_leave_what_they_leave_one_by_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str, most: int
) -> None:
    seed = random.randrange(1 << 30)
    files = _files(kind, seed)
    with _home(tmp_path / "alone"):
        contract = _contract(tmp_path, kind)
        alone = [deliver(_received(contract, n, content)) for n, content in enumerate(files)]
        left = _left(contract)
    monkeypatch.setattr(sys.modules[Batch.__module__], "MOST_ROWS", most)
    with _home(tmp_path / "together"):
        told: list[Any] = []
        with Batch(contract, told.append) as batch:
            for number, content in enumerate(files):
                batch.take(_received(contract, number, content))
                assert batch.in_hand or most == 10
        assert told == alone, f"seed {seed}"
        assert _left(contract) == left, f"seed {seed}"


def test_what_has_not_ended_is_seen_by_this_process_only_until_it_is_given_up(
    home: Path, tmp_path: Path
) -> None:
    contract = _contract(tmp_path, "corrected")
    files = _files("corrected", 1)[:2]
    with pytest.raises(KeyboardInterrupt), Batch(contract, lambda _: None) as batch:
        for number, content in enumerate(files):
            batch.take(_received(contract, number, content))
        assert read_log(O01, feed_code="T01").height == 2
        raise KeyboardInterrupt
    assert read_log(O01).is_empty() and not exists(history_path(contract))
    assert len(list((places.inbox() / "T01").iterdir())) == 2


def test_an_error_of_one_ends_those_before_it(home: Path, tmp_path: Path) -> None:
    class Gone(OSError):
        pass

    def broken() -> BinaryIO:
        raise Gone

    contract = _contract(tmp_path, "corrected")
    first, second = (_received(contract, n, f) for n, f in enumerate(_files("corrected", 2)[:2]))
    told: list[Any] = []
    with pytest.raises(Gone), Batch(contract, told.append) as batch:
        batch.take(first)
        batch.take(replace(second, open=broken))
    assert [r.file_name for r in told] == read_log(O01)["file_name"].to_list() == [first.file_name]
    assert [p.name for p in (places.inbox() / "T01").iterdir()] == [second.file_name]


def _take_in_together(settings: dict[str, str], file: str, die_at: int, many: int) -> None:
    """What dies: the deliveries of one feed in one batch, at its `die_at`-th durable step. From
    `many` on, which of them a log has is read from its rows."""
    os.environ.update(settings)
    logs.MANY_DELIVERIES = many
    contract = load_file(Path(file))
    heard: list[str] = []

    def reached(step: str) -> None:
        heard.append(step)
        if len(heard) == die_at:
            os.kill(os.getpid(), signal.SIGKILL)

    archive.sweep(contract.code)
    with Batch(contract, lambda _: None, reached) as batch:
        for received in inbox.pending(contract):
            batch.take(received)


def _killed(what: Callable[..., None], *given: object) -> int:
    return ended(begin(what, *given))


@pytest.fixture(scope="module")
def three(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """(a home where three deliveries that build on each other wait, the contract's file)."""
    folder = tmp_path_factory.mktemp("three")
    columns: list[dict[str, Any]] = [KEY, AMOUNT, STATE, CHANGED, OPERATION]
    own = {"history": True}
    make_contract(folder, columns, version="changed", own=own, control={"suffix": ".chk"})
    third: Sequence[list[str]] = [
        ["c1", "5", "closed", "2026-10-03 08:00:00", ""],
        ["c4", "4", "open", "2026-10-03 08:00:00", ""],
        ["new1", "", "", "2026-10-03 08:00:00", "D"],
        ["c6", "none", "open", "2026-10-03 08:00:00", ""],
    ]
    for day, rows in ((1, FIRST), (2, SECOND), (3, [*third])):
        _lay(folder / "base", f"T01_2026100{day}.csv", rows)
    return folder / "base", folder / "t01_test.odcs.yaml"


@pytest.mark.parametrize("many", [2, 8])
def test_killed_at_any_step_of_a_batch_and_run_again_nothing_differs(
    three: tuple[Path, Path], tmp_path: Path, many: int
) -> None:
    base, file = three
    contract = load_file(file)
    shutil.copytree(base, tmp_path / "calm")
    assert run(tmp_path / "calm", file) == 0
    calm = state(tmp_path / "calm", contract)
    die_at = 0
    code = -signal.SIGKILL
    while code:
        die_at += 1
        folder = tmp_path / str(die_at)
        shutil.copytree(base, folder)
        code = _killed(_take_in_together, environment(folder), str(file), die_at, many)
        assert code in (0, -signal.SIGKILL)
        if die_at % 2:  # the next run may be of either kind
            assert run(folder, file) == 0
        else:
            assert _killed(_take_in_together, environment(folder), str(file), 0, many) == 0
        assert state(folder, contract) == calm, die_at
        shutil.rmtree(folder)
    assert die_at > 12  # three archived and read, and six steps of the end
