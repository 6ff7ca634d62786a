"""Whoever may lay files into an inbox tries to read ours, to stop a feed, and to forge the log."""

from __future__ import annotations

import logging
import os
import zipfile
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path

import pytest

from ingestion import places
from ingestion.contract import Contract, load
from ingestion.delivery import unwrap
from ingestion.lake.logs import read_log
from orchestration.cli.output import OneLine
from orchestration.run.intake import Intake, take_feed
from tests.attacks.limits import within
from tests.connectors.feeds import feed, numbers
from tests.connectors.test_inbox import chk, csv
from tests.connectors.test_unwrap import received
from tests.ingestion.handover import P44_HEADER, csv_text, stored, tickets

FORGED = "P44_20261004\n2026-10-31 ERROR fengqiao.day all is lost\x1b[2J.csv"


@pytest.fixture
def box(home: Path) -> Path:
    folder = places.inbox() / "P44"
    folder.mkdir(parents=True)
    return folder


@pytest.fixture
def controlled(home: Path, tmp_path: Path) -> Contract:
    (places.inbox() / "T01").mkdir(parents=True)
    options = {"encoding": "utf-8", "control": {"suffix": ".chk"}, "senders": ["A1"]}
    name = "T01_{sender}_{period}.csv"
    return feed(tmp_path, "local", "inbox/T01/", format="csv", file_pattern=name, **options)


def good(change: str = "甲") -> bytes:
    return csv_text(P44_HEADER, tickets({"来电人": change})).encode("gb18030")


def run(contract: Contract | None = None) -> Intake:
    """One round of the feed, which may not hang."""
    intake = Intake()
    with within(30):
        take_feed(contract or load("P44"), intake)
    return intake


def archived() -> list[Path]:
    folder = places.archive()
    return [p for p in folder.rglob("*") if p.is_file()] if folder.exists() else []


@pytest.mark.parametrize("target", ["/etc/passwd", "secret", "another feed's file", "/dev/zero"])
def test_a_link_in_the_inbox_is_not_followed(
    box: Path, caplog: pytest.LogCaptureFixture, target: str
) -> None:
    places.secrets().mkdir(parents=True)
    secret = places.secrets() / "agency-api.json"
    secret.write_bytes(good())  # it would be taken in if it were read
    others = places.inbox() / "P32" / "P32_20261001.csv"
    others.parent.mkdir()
    others.write_bytes(good())
    aim = {"secret": str(secret), "another feed's file": str(others)}.get(target, target)
    link = box / "P44_20261001.csv"
    link.symlink_to(aim)
    with caplog.at_level(logging.INFO):
        intake = run()
    assert (intake.receipts, intake.failures) == ([], {})
    assert archived() == [] and stored("P44").height == 0
    assert "P44_20261001.csv is a link" in caplog.text
    assert link.is_symlink() and secret.read_bytes() == others.read_bytes() == good()


def test_a_link_put_in_the_files_place_after_it_was_seen_is_not_followed(box: Path) -> None:
    from ingestion.connectors import inbox

    path = box / "P44_20261001.csv"
    path.write_bytes(good())
    seen = inbox.receive(load("P44"), path)
    path.unlink()
    path.symlink_to("/etc/passwd")
    with pytest.raises(OSError, match="symbolic links"):
        seen.open()


def test_a_pipe_in_the_inbox_holds_nobody_up(box: Path, controlled: Contract) -> None:
    os.mkfifo(box / "P44_20261003.csv")
    (box / "P44_20261004.csv").write_bytes(good())
    assert [r.file_name for r in run().receipts] == ["P44_20261004.csv"]
    # A control file that is a pipe, beside its file and alone.
    folder = places.inbox() / "T01"
    os.mkfifo(folder / "T01_A1_20260101.csv.chk")
    assert run(controlled).failures == {}
    (folder / "T01_A1_20260101.csv").write_bytes(csv(1, 2))
    (folder / "T01_A1_20260102.csv").write_bytes(csv(3, 4))
    (folder / "T01_A1_20260102.csv.chk").write_bytes(chk(csv(3, 4), sums={}))
    assert run(controlled).failures == {}
    assert numbers(controlled) == [3, 4]


@pytest.mark.parametrize(
    "said",
    [
        b'{"sums":' + b"[" * 200_000,
        b'{"rows":' + b"9" * 100_000 + b"}",
        b'{"sums": {"amount": "sNaN"}}',
        b'{"sums": {"amount": "NaN"}}',
        b'{"sums": {"amount\\nERROR forged": 1}}',
        b'{"rows": 1, "x": "' + b"x" * (1 << 20) + b'"}',
    ],
    ids=["nested", "digits", "signalling", "nan", "newline", "long"],
)
def test_a_control_file_made_to_stop_the_feed_costs_its_own_file_only(
    controlled: Contract, said: bytes
) -> None:
    folder = places.inbox() / "T01"
    for day, content, figures in ((1, csv(1, 2), said), (2, csv(3, 4), chk(csv(3, 4), sums={}))):
        (folder / f"T01_A1_2026010{day}.csv").write_bytes(content)
        (folder / f"T01_A1_2026010{day}.csv.chk").write_bytes(figures)
    intake = run(controlled)
    assert intake.failures == {}
    assert [r.status for r in intake.receipts] == ["4", "2"]
    assert "ERROR" not in str(intake.receipts[0].refusal)
    assert numbers(controlled) == [3, 4]


def lay_bytes(folder: Path, name: bytes, content: bytes) -> None:
    with open(bytes(folder) + b"/" + name, "wb") as file:  # noqa: PTH123
        file.write(content)


@pytest.fixture
def logged(tmp_path: Path) -> Iterator[Callable[[], str]]:
    """What the file of the log holds, written as the command line writes it."""
    path = tmp_path / "fengqiao.log"
    handler = logging.FileHandler(path, encoding="utf-8")
    handler.setFormatter(OneLine("%(asctime)s %(levelname)s %(name)s %(message)s"))
    ours = logging.getLogger("fengqiao")
    level = ours.level
    ours.setLevel(logging.INFO)
    ours.addHandler(handler)
    yield lambda: path.read_text("utf-8")
    ours.removeHandler(handler)
    ours.setLevel(level)


@pytest.mark.parametrize(
    "name",
    [
        FORGED.encode(),
        "P44_工单.csv".encode("gb18030"),
        "P44_\u202e20261001vsc.csv".encode(),
        b"P44_2026100" + b"9" * 240 + b".csv",
    ],
    ids=["log and terminal", "not UTF-8", "written backwards", "long"],
)
def test_a_name_made_to_harm_is_refused_with_a_receipt_and_shown_harmless(
    box: Path, logged: Callable[[], str], name: bytes
) -> None:
    lay_bytes(box, name, good("乙"))
    (box / "P44_20261030.csv").write_bytes(good("丙"))
    intake = run()
    assert intake.failures == {}
    assert sorted(r.status for r in intake.receipts) == ["2", "4"]
    assert list(box.iterdir()) == []
    refused = read_log("o01_delivery_log", status="4").row(0, named=True)
    shown = [refused["file_name"], logged().replace("\n", "")]
    assert all(text.isprintable() for text in shown)
    # One line for each receipt, and none that a sender wrote.
    assert all(line[:2] == "20" and "fengqiao." in line for line in logged().splitlines())
    assert not [line for line in logged().splitlines() if line.startswith("2026-10-31 ERROR")]


def test_a_file_name_that_leads_elsewhere_writes_nowhere_else(home: Path, tmp_path: Path) -> None:
    """Names of members are never used: a zip holds one file, which is read as a stream."""
    target = BytesIO()
    with zipfile.ZipFile(target, "w") as book:
        book.writestr("../../../escaped.csv", "id\n1\n")
    before = {p for p in tmp_path.rglob("*") if p.is_file()}
    drop = received(tmp_path, "zip", None, target.getvalue(), ready=True)
    with unwrap.clear(drop)() as source:
        assert source.read() == b"id\n1\n"
    left = {p for p in tmp_path.rglob("*") if p.is_file()} - before
    assert {p.name for p in left} <= {"t01_test.odcs.yaml"}
