"""Rows that only ever come new: streamed, atomic, and never twice."""

from __future__ import annotations

import hashlib
import io
import os
import signal
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from ingestion.contract import Contract
from ingestion.delivery import Receipt, archive, deliver
from ingestion.delivery.received import Control, Received
from ingestion.lake import commit
from ingestion.lake.ahead import ahead
from ingestion.lake.logs import read_log
from ingestion.receive import delimited
from tests.ingestion import victim
from tests.ingestion.handover import balance, csv_text, make_contract, stored
from tests.ingestion.test_exactly_once import environment

COLUMNS = [
    {"name": "id", "pii": "none", "required": True},
    {"name": "at", "pii": "none", "type": "timestamp", "partition": True},
    {"name": "n", "pii": "none", "type": "integer", "physical": "int32"},
]
HEADER = ["id", "at", "n"]


@pytest.fixture
def readings(home: Path, tmp_path: Path) -> Contract:
    return make_contract(tmp_path, COLUMNS, own={"duplicate_policy": "append"})


def received(contract: Contract, content: bytes, control: Control | None = None) -> Received:
    day = date(2026, 10, 1)
    return Received(
        contract=contract,
        sender="agency",
        period_start=day,
        period_end=day,
        file_name="T01_20261001.csv",
        open=lambda: io.BytesIO(content),
        control=control,
    )


def rows(count: int, bad: int = 0) -> bytes:
    cells = [
        [f"r{i}", f"2026-{9 + i % 2:02d}-01 08:00:00", "x" if i < bad else str(i)]
        for i in range(count)
    ]
    return csv_text(HEADER, cells).encode()


def take(contract: Contract, content: bytes, control: Control | None = None) -> Receipt:
    receipt = deliver(received(contract, content, control))
    if receipt.rows_n is not None:
        assert receipt.rows_n == balance(receipt)
    return receipt


def test_many_batches_become_one_commit(
    readings: Contract, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(delimited, "BLOCK_BYTES", 4096)
    receipt = take(readings, rows(5_000, bad=7))
    assert (receipt.inserted_n, receipt.quarantined_n) == (4_993, 7)
    table = stored(readings)
    assert table["id"].n_unique() == 4_993
    assert table["_source_row"].sort().to_list() == list(range(8, 5_001))
    assert len(read_log("quarantine")) == 7
    assert archive.path_of("T01", receipt.delivery_id, "csv").exists()


def test_the_same_file_again_changes_nothing(readings: Contract) -> None:
    content = rows(10)
    take(readings, content)
    assert take(readings, content).repeated
    assert len(stored(readings)) == 10


def test_the_same_period_with_other_content_is_refused(readings: Contract) -> None:
    take(readings, rows(10))
    second = take(readings, rows(12))
    assert second.refusal and second.refusal.startswith("period_received")
    assert len(stored(readings)) == 10


def test_a_file_that_breaks_in_the_middle_leaves_nothing(
    readings: Contract, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(delimited, "BLOCK_BYTES", 4096)
    monkeypatch.setattr(delimited, "MAX_SALVAGE", 0)
    more = rows(1_000).split(b"\r\n", 1)[1]
    content = rows(2_000) + b'r9,"a quote that never closes\r\n' + more
    receipt = take(readings, content)
    assert receipt.refusal and receipt.refusal.startswith("unreadable")
    assert stored(readings).is_empty()


def test_a_failure_before_the_commit_leaves_nothing(
    readings: Contract, monkeypatch: pytest.MonkeyPatch
) -> None:
    class DiskFull(OSError):
        pass

    def full(*_: object) -> None:
        raise DiskFull

    with monkeypatch.context() as patch:
        patch.setattr(archive.Archiving, "keep", full)
        with pytest.raises(DiskFull):
            take(readings, rows(10))
    assert stored(readings).is_empty()
    assert take(readings, rows(10)).inserted_n == 10


def test_a_repeated_commit_is_recognised_by_its_transaction(readings: Contract) -> None:
    from ingestion.delivery.account import lake_rows
    from ingestion.delivery.reading import Reader

    given = received(readings, rows(10))
    for _ in range(2):
        reader = Reader(given)
        parts = [lake_rows(given, "one", p, reader.part_findings) for p in reader.parts()]
        assert commit.append(readings, "one", parts, lambda: None) == 10
    assert len(stored(readings)) == 10


def test_control_figures_that_do_not_fit_refuse_the_file(readings: Contract) -> None:
    content = rows(10)
    wrong = take(readings, content, Control(rows_n=11))
    assert wrong.refusal and "声明 11 行，实收 10 行" in wrong.refusal
    cut = take(readings, content[:-20], Control(sha256=hashlib.sha256(content).hexdigest()))
    assert cut.refusal and cut.refusal.startswith("control_figures")
    assert stored(readings).is_empty()
    short = take(readings, content, Control(sums={"n": Decimal(44)}))
    assert short.refusal and "列 n 合计与控制文件不符" in short.refusal
    unknown = take(readings, content, Control(sums={"m": Decimal(0)}))
    assert unknown.refusal and "列 m 合计" in unknown.refusal
    assert stored(readings).is_empty()


def test_control_figures_that_fit_are_taken(readings: Contract) -> None:
    content = rows(10)
    figures = Control(len(content), hashlib.sha256(content).hexdigest(), 10, {"n": Decimal(45)})
    assert take(readings, content, figures).inserted_n == 10


def _append_and_die(settings: dict[str, str], folder: str, step: str) -> None:
    os.environ.update(settings)
    contract = make_contract(Path(folder), COLUMNS, own={"duplicate_policy": "append"})

    def reached(name: str) -> None:
        if name == step:
            os.kill(os.getpid(), signal.SIGKILL)

    deliver(received(contract, rows(300, bad=3)), reached)


@pytest.mark.parametrize(
    "step", ["archived", "workbook", "quarantine", "data", "outbox", "receipt"]
)
def test_killed_at_a_step_and_run_again_nothing_is_doubled(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    settings = environment(tmp_path)
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    process = victim.SPAWN.Process(target=_append_and_die, args=(settings, str(tmp_path), step))
    process.start()
    process.join()
    assert process.exitcode == -signal.SIGKILL
    contract = make_contract(tmp_path, COLUMNS, own={"duplicate_policy": "append"})
    again = take(contract, rows(300, bad=3))
    assert len(stored(contract)) == 297
    assert len(read_log("quarantine")) == 3
    assert again.repeated == (step == "receipt")
    assert len(read_log("o01_delivery_log")) == 1


def test_ahead_gives_all_in_order_and_raises_in_its_place() -> None:
    assert list(ahead(iter(range(100)))) == list(range(100))

    def breaks() -> Iterator[int]:
        yield 1
        raise ValueError("here")

    taken = ahead(breaks())
    assert next(taken) == 1
    with pytest.raises(ValueError, match="here"):
        next(taken)
    endless = ahead(iter(int, 1))
    next(endless)
    endless.close()  # returns: the thread has ended
