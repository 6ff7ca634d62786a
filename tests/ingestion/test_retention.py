"""Rows past their days are gone from the table and from every file; the rest is untouched."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import polars as pl
import pytest
from deltalake import DeltaTable

from ingestion import clock
from ingestion.contract import Contract
from ingestion.contract.load import ContractError
from ingestion.lake import erase as module
from ingestion.lake.erase import erase
from ingestion.lake.logs import read_log
from ingestion.lake.tables import feed_path
from tests.ingestion.handover import make_contract, put, stored

COLUMNS = [
    {"name": "id", "physical": "string(10)", "pii": "none", "key": 1, "required": True},
    {"name": "what", "pii": "none"},
    {"name": "closed", "type": "date", "physical": "date", "pii": "none"},
    {"name": "at", "type": "timestamp", "physical": "timestamp", "pii": "none", "required": True},
]
FILE = """id,what,closed,at
1,old,,2024-01-01 10:00:00
2,old but touched,,2024-01-01 10:00:00
3,new,,2026-03-02 10:00:00
4,new and closed,2025-06-01,2026-03-02 10:00:00
"""
TOUCH = """id,what,closed,at
2,touched,,2026-03-03 10:00:00
"""


def contract_of(folder: Path, **own: object) -> Contract:
    return make_contract(folder, COLUMNS, version="at", own=dict(own))


def filled(folder: Path, **own: object) -> Contract:
    contract = contract_of(folder, **own)
    put(contract, "T01_20260302.csv", FILE.encode())
    put(contract, "T01_20260303.csv", TOUCH.encode())
    return contract


def bytes_of(folder: Path) -> str:
    return "".join(
        str(pl.read_parquet(f).rows())
        for f in folder.rglob("*.parquet")
        if "_delta_log" not in f.parts
    )


def test_rows_past_their_days_are_gone_from_every_file(home: Path, tmp_path: Path) -> None:
    contract = filled(tmp_path)
    assert "old but touched" in bytes_of(feed_path(contract)), "an earlier version is still there"
    (done,) = erase(contract, clock.as_of())
    assert (done.rows_n, done.markers_n, done.rows_left_n) == (1, 0, 0)
    assert sorted(stored(contract)["id"]) == ["2", "3", "4"]
    left = bytes_of(feed_path(contract))
    assert "old" not in left
    assert "touched" in left
    log = read_log("retention_run")
    assert log.select("table_name", "rows_n").rows() == [("t01_test", 1)]
    assert erase(contract, clock.as_of()) == [], "nothing is left to do"
    assert read_log("retention_run").height == 1


def test_a_closed_matter_goes_before_its_days_are_over(home: Path, tmp_path: Path) -> None:
    contract = filled(tmp_path, erase_after={"column": "closed", "days": 90})
    erase(contract, clock.as_of())
    assert sorted(stored(contract)["id"]) == ["2", "3"]


def test_not_a_day_early(home: Path, tmp_path: Path) -> None:
    contract = filled(tmp_path)
    changed = datetime.fromisoformat("2024-01-01T10:00:00+08:00")
    last = changed.replace(hour=0) + timedelta(days=contract.retention_days)
    assert erase(contract, last + timedelta(hours=23)) == []
    assert len(erase(contract, last + timedelta(days=1))) == 1


def test_killed_between_the_deletion_and_its_account(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    contract = filled(tmp_path)

    def killed(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(module, "_note", killed)
        with pytest.raises(KeyboardInterrupt):
            erase(contract, clock.as_of())
    assert stored(contract).height == 3
    assert read_log("retention_run").height == 0
    erase(contract, clock.as_of() + timedelta(days=1))
    assert read_log("retention_run")["rows_n"].to_list() == [1]
    assert "old" not in bytes_of(feed_path(contract)), "what the killed run left is removed"
    assert DeltaTable(str(feed_path(contract))).to_pyarrow_table().num_rows == 3


def test_what_ends_a_matter_must_be_a_day(tmp_path: Path) -> None:
    with pytest.raises(ContractError, match="landed day"):
        contract_of(tmp_path, erase_after={"column": "what", "days": 90})
