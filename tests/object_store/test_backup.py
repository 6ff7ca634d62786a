"""A back-up holds a lake on a store, and brings it back to a store, or to a disk."""

from __future__ import annotations

from pathlib import Path

import pytest

from ingestion import keys, places
from ingestion.contract import load
from ingestion.lake.tables import feed_path, opened
from orchestration.backup.restore import restore
from orchestration.backup.snapshot import snapshot
from orchestration.backup.store import BackupError, read_list, snapshots
from tests.ingestion.handover import stored
from tests.ingestion.test_upkeep import deliver_samples
from tests.object_store.weed import Weed


@pytest.fixture
def saved(on_store: Path, tmp_path: Path) -> Path:
    """A back-up of a home with a delivery whose lake lies on the store."""
    deliver_samples()
    target = tmp_path / "backup"
    snapshot(target)
    return target


def test_it_comes_back_under_another_prefix_and_on_a_disk(
    saved: Path, tmp_path: Path, weed: Weed, prefix: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = stored("UK01").sort("_delivery_id", "_source_row")
    assert rows.height == 11_212
    monkeypatch.setenv("FENGQIAO_HOME", str(tmp_path / "again"))
    with pytest.raises(BackupError, match=f"{places.lake()} is not empty"):
        restore(saved, key=keys.archive_key_path())
    weed.point(monkeypatch, f"{prefix}-again")
    restore(saved, key=keys.archive_key_path())
    assert str(feed_path(load("UK01"))).startswith(f"s3://lake/{prefix}-again/")
    assert stored("UK01").sort("_delivery_id", "_source_row").equals(rows)
    assert not (tmp_path / "again" / "lake").exists()
    monkeypatch.setenv("FENGQIAO_HOME", str(tmp_path / "disk"))
    monkeypatch.delenv("FENGQIAO_LAKE")
    restore(saved, key=keys.archive_key_path())
    assert feed_path(load("UK01")) == tmp_path / "disk" / "lake" / "conformed" / "uk01_street_crime"
    assert stored("UK01").sort("_delivery_id", "_source_row").equals(rows)
    before = opened(feed_path(load("UK01"))).version()
    deliver_samples()  # what was received before the back-up is known
    assert opened(feed_path(load("UK01"))).version() == before


def test_what_is_saved_already_is_not_fetched_again(
    saved: Path, weed: Weed, monkeypatch: pytest.MonkeyPatch
) -> None:
    from ingestion.store import InBucket

    fetched: list[str] = []
    read = InBucket.read_bytes

    def noted(self: InBucket) -> bytes:
        fetched.append(str(self))
        return read(self)

    monkeypatch.setattr(InBucket, "read_bytes", noted)
    snapshot(saved)
    assert fetched == []
    listed = {e.path.removeprefix("lake/") for e in read_list(snapshots(saved)[-1]).entries}
    laid = {name for name, _ in places.lake().below()}
    assert len(laid) > 5 and laid <= listed
