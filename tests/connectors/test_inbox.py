"""The inbox of a feed with several senders and control files."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from ingestion import places
from ingestion.connectors import control, inbox
from ingestion.contract import Contract
from tests.connectors.feeds import AS_OF, feed, numbers, row, take
from tests.ingestion.handover import csv_text

SENDERS = ["A1", "B2"]


@pytest.fixture
def contract(home: Path, tmp_path: Path) -> Contract:
    return feed(
        tmp_path,
        "local",
        "inbox/T01/",
        format="csv",
        file_pattern="T01_{sender}_{period}.csv",
        encoding="utf-8",
        control={"suffix": ".chk"},
        senders=SENDERS,
    )


def csv(*numbers_: int) -> bytes:
    rows = [[str(v) for v in row(n).values()] for n in numbers_]
    return csv_text(list(row(0)), rows).encode("utf-8")


def lay(name: str, content: bytes) -> Path:
    folder = places.inbox() / "T01"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes(content)
    return folder / name


def chk(content: bytes, **change: Any) -> bytes:
    said = {
        "size_bytes": len(content),
        "sha256": hashlib.sha256(content).hexdigest(),
        "rows": 2,
        "sums": {"amount": "3.00"},
    }
    return json.dumps({**said, **change}).encode()


def test_each_agency_sends_its_own_delivery_of_a_period(contract: Contract) -> None:
    for sender, content in (("A1", csv(1, 2)), ("B2", csv(3, 4))):
        lay(f"T01_{sender}_20260101.csv", content)
        lay(f"T01_{sender}_20260101.csv.chk", chk(content, sums={}))
    receipts = take(contract)
    assert [(r.sender, r.inserted_n) for r in receipts] == [("A1", 2), ("B2", 2)]
    assert list((places.inbox() / "T01").iterdir()) == []
    assert numbers(contract) == [1, 2, 3, 4]


def test_a_sender_nobody_declared_is_refused_with_a_receipt(contract: Contract) -> None:
    content = csv(1, 2)
    lay("T01_C3_20260101.csv", content)
    lay("T01_C3_20260101.csv.chk", chk(content))
    (receipt,) = take(contract)
    assert (receipt.status, receipt.sender) == ("4", "C3")
    assert "C3" in str(receipt.refusal)


def test_a_file_waits_for_its_control_file_and_for_its_whole_size(contract: Contract) -> None:
    content, name = csv(1, 2), "T01_A1_20260101.csv"
    lay(name, content[:50])
    assert take(contract) == []
    assert inbox.waiting(contract) == {name: "waits for its control file"}
    lay(f"{name}.chk", chk(content, sums={}))
    assert take(contract) == []
    assert inbox.waiting(contract) == {name: f"still uploading: 50 of {len(content)} bytes"}
    lay(name, content)
    assert [r.inserted_n for r in take(contract)] == [2]
    assert inbox.waiting(contract) == {}


def test_declared_figures_are_handed_on(contract: Contract) -> None:
    content = csv(1, 2)
    path = lay("T01_A1_20260101.csv", content)
    lay("T01_A1_20260101.csv.chk", b"\xef\xbb\xbf" + chk(content))
    figures = inbox.receive(contract, path).control
    assert figures is not None
    assert (figures.size_bytes, figures.rows_n) == (len(content), 2)
    assert (figures.sha256, {k: str(v) for k, v in figures.sums.items()}) == (
        hashlib.sha256(content).hexdigest(),
        {"amount": "3.00"},
    )


@pytest.mark.parametrize(
    "said", [b"", b"[]", b"{", b'{"rows": -1}', b'{"sha256": "x"}', b'{"sums": {"a": "much"}}']
)
def test_a_control_file_that_cannot_be_read_refuses_its_file(
    contract: Contract, said: bytes
) -> None:
    with pytest.raises(control.BadControl):
        control.parse(said)
    lay("T01_A1_20260101.csv", csv(1))
    lay("T01_A1_20260101.csv.chk", said)
    (receipt,) = take(contract)
    assert receipt.status == "4" and "控制文件" in str(receipt.refusal)
    assert list((places.inbox() / "T01").iterdir()) == []


def test_a_control_file_left_by_a_killed_run_is_not_taken_for_the_next_files(
    contract: Contract,
) -> None:
    content, name = csv(1, 2), "T01_A1_20260101.csv"
    lay(name, content)
    left = lay(f"{name}.chk", chk(content, sums={})).read_bytes()
    take(contract)
    lay(f"{name}.chk", left)  # a kill between the two deletions
    lay("T01_A1_20260102.csv.chk", chk(csv(3, 4)))  # laid down before its file
    assert take(contract) == []
    assert [p.name for p in (places.inbox() / "T01").iterdir()] == ["T01_A1_20260102.csv.chk"]
    corrected = csv(1, 2, 5)
    lay(name, corrected)
    assert take(contract, AS_OF) == []  # waits for a control file of its own
    lay(f"{name}.chk", chk(corrected, rows=3, sums={}))
    assert [r.inserted_n for r in take(contract)] == [1]
