"""A lake that lies: the run stops, names the file, computes nothing; mended, it goes on."""

from __future__ import annotations

from pathlib import Path

import pytest
from deltalake import DeltaTable

from ingestion.contract import load
from ingestion.lake import damage
from ingestion.lake.tables import feed_path, log_path, opened
from tests.conftest import settle
from tests.faults import homes

TOMORROW = "2026-11-02T09:00:00"


@pytest.fixture
def city(alone: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of today's home, and this process points at it."""
    folder = homes.copy(alone, tmp_path / "city")
    settle(monkeypatch, folder, TOMORROW)
    return folder


def newest_entry(table: Path) -> Path:
    return sorted((table / "_delta_log").glob("*.json"))[-1]


def largest_file(table: Path) -> Path:
    return max(table.rglob("*.parquet"), key=lambda p: p.stat().st_size)


def spoilt(kind: str) -> Path:
    """Damage one file as a power cut does; gives the file."""
    feed, log = feed_path(load("UK01")), log_path("o01_delivery_log")
    file = {
        "empty entry": newest_entry(feed),
        "cut off entry": newest_entry(feed),
        "cut off entry of the receipts": newest_entry(log),
        "half a data file": largest_file(feed),
        "no data file": largest_file(feed),
    }[kind]
    content = file.read_bytes()
    if kind == "no data file":
        file.unlink()
    else:
        file.write_bytes(b"" if kind == "empty entry" else content[: len(content) // 2])
    return file


@pytest.mark.parametrize(
    "kind",
    [
        "empty entry",
        "cut off entry",
        "cut off entry of the receipts",
        "half a data file",
        "no data file",
    ],
)
def test_a_damaged_lake_is_named_and_nothing_is_computed_from_it(city: Path, kind: str) -> None:
    before = {p: p.read_bytes() for p in (city / "data/lake").rglob("*") if p.is_file()}
    file = spoilt(kind)
    done = homes.run(city, FENGQIAO_AS_OF=TOMORROW)
    assert done.returncode == 1
    assert str(file) in done.stderr and damage.WAY_OUT in done.stderr
    assert "Traceback" not in done.stderr
    assert homes.state(city) == (homes.TODAY, "failed")
    file.write_bytes(before[file])  # as a back-up brings it
    assert {p: p.read_bytes() for p in before} == before
    homes.conserved(city)
    assert opened(feed_path(load("UK01"))).version() > 0


def test_delta_rs_itself_takes_an_empty_entry_for_nothing(city: Path) -> None:
    """Why the check is there: when this fails, the library has learnt to tell."""
    table = feed_path(load("UK01"))
    rows = DeltaTable(str(table)).to_pyarrow_table().num_rows
    newest_entry(table).write_bytes(b"")
    assert DeltaTable(str(table)).to_pyarrow_table().num_rows == rows
    assert not any(
        "fengqiao.delivery" in e and e["version"] == opened_version(table)
        for e in DeltaTable(str(table)).history(1)
    )


def opened_version(table: Path) -> int:
    return DeltaTable(str(table)).version()


def test_an_entry_without_a_receipt_is_taken_away_and_its_delivery_comes_again(
    yesterday: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The way out of the page: the file still waits in the inbox, so nothing is lost."""
    from orchestration.run.intake import take_all

    city = homes.copy(yesterday, tmp_path / "city")
    settle(monkeypatch, city, homes.TODAY)
    assert homes.run(city, "kill:checks:0").returncode == -9
    table = feed_path(load("UK01"))
    file = newest_entry(table)
    # As a power cut between the commit and the receipt leaves it.
    receipts = newest_entry(log_path("o01_delivery_log"))
    receipts.unlink()
    homes.lay_today(city)
    file.write_bytes(b"")
    intake = take_all({"UK01"})
    assert str(file) in intake.failures["UK01"]
    file.unlink()
    intake = take_all({"UK01"})
    assert intake.failures == {}
    (receipt,) = intake.receipts
    assert (receipt.updated_n, receipt.quarantined_n, receipt.rows_n) == (97, 3, 400)
    homes.conserved(city)
