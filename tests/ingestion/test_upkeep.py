"""What is kept ends when its days end; care of the lake changes no row."""

from __future__ import annotations

import shutil
from datetime import timedelta
from pathlib import Path

import pytest
from deltalake import DeltaTable

from ingestion import clock, keys, places
from ingestion.connectors import inbox
from ingestion.contract import load
from ingestion.delivery import deliver, retention
from ingestion.lake.maintain import maintain
from ingestion.lake.tables import feed_path, log_path

SAMPLES = Path(__file__).resolve().parents[2] / "simulation" / "samples"


def deliver_samples(times: int = 1) -> None:
    contract = load("UK01")
    folder = places.inbox() / "UK01"
    folder.mkdir(parents=True, exist_ok=True)
    for sample in sorted(SAMPLES.glob("*.csv")):
        for n in range(times):
            target = folder / sample.name
            shutil.copy(sample, target)
            with target.open("ab") as file:
                file.write(b"\n" * n)
            deliver(inbox.receive(contract, target))


def test_the_archive_forgets_after_its_days_and_not_before(home: Path) -> None:
    deliver_samples()
    contract = load("UK01")
    limit = clock.as_of() + timedelta(days=contract.archive_days)
    archived = list((places.archive() / "UK01").glob("*.age"))
    assert len(archived) == 2
    assert retention.expire(contract, limit) == 0
    assert retention.expire(contract, limit + timedelta(seconds=1)) == 2
    assert not list((places.archive() / "UK01").glob("*.age"))


def test_compaction_changes_no_row_and_later_deliveries_still_know_theirs(home: Path) -> None:
    deliver_samples(times=3)
    path = feed_path(load("UK01"))
    before = DeltaTable(str(path)).to_pyarrow_table().sort_by("_source_row")
    cared = {c.table: c for c in maintain()}
    assert cared["o01_delivery_log"].files_before == 6
    assert cared["o01_delivery_log"].files_after == 1
    after = DeltaTable(str(path)).to_pyarrow_table().sort_by("_source_row")
    assert before.num_rows == after.num_rows == 11_212
    assert set(map(str, before.to_pylist())) == set(map(str, after.to_pylist()))
    deliver_samples(times=4)
    assert DeltaTable(str(path)).to_pyarrow_table().num_rows == 11_212
    assert DeltaTable(str(log_path("o01_delivery_log"))).to_pyarrow_table().num_rows == 8


def test_production_does_not_start_beside_the_archives_private_key(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FENGQIAO_ENVIRONMENT", "production")
    with pytest.raises(keys.Unsafe, match=r"archive\.pub is missing"):
        keys.guard_production()
    keys.archive_recipient()
    with pytest.raises(keys.Unsafe, match="another machine"):
        keys.guard_production()
    keys.archive_key_path().rename(home.parent / "kept-elsewhere.key")
    keys.guard_production()
