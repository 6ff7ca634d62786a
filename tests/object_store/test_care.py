"""What keeps a lake in order works on a store: retention with proof, care, replay, doctor."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
from deltalake import DeltaTable, write_deltalake

from ingestion import clock, keys, places
from ingestion.contract import load
from ingestion.lake.damage import Damaged
from ingestion.lake.erase import _left_on_disk, _limits, _past, erase
from ingestion.lake.logs import read_log
from ingestion.lake.maintain import maintain
from ingestion.lake.tables import feed_path, log_path, opened
from ingestion.lake.views import files
from ingestion.store import Misplaced, in_bucket
from orchestration.run.doctor import examine
from orchestration.run.rehearse import again
from tests.ingestion.handover import stored
from tests.ingestion.test_retention import filled
from tests.ingestion.test_upkeep import deliver_samples
from tests.object_store.weed import BUCKET, Weed


def test_rows_past_their_days_are_gone_from_every_object(on_store: Path, tmp_path: Path) -> None:
    contract = filled(tmp_path)
    path, past = feed_path(contract), _past(_limits(contract, clock.as_of()))
    # An object that no commit names, as a killed run leaves it: it holds the row, too.
    stray = path / "_month=2024-01" / "part-stray.parquet"
    stray.put(stored(contract).with_columns(_loaded_at=None).drop("_month"))
    assert _left_on_disk(path, past) >= 2
    (done,) = erase(contract, clock.as_of())
    assert (done.rows_n, done.markers_n, done.rows_left_n) == (1, 0, 0)
    assert _left_on_disk(path, past) == 0
    assert stray.seen() is None
    assert sorted(stored(contract)["id"]) == ["2", "3", "4"]
    assert read_log("retention_run").select("table_name", "rows_n").rows() == [("t01_test", 1)]
    assert erase(contract, clock.as_of()) == []


def test_weekly_care_changes_no_row(on_store: Path) -> None:
    deliver_samples(times=3)
    before = stored("UK01").sort("_delivery_id", "_source_row")
    cared = {c.table: c for c in maintain()}
    assert cared["o01_delivery_log"].files_before == 6
    assert cared["o01_delivery_log"].files_after == 1
    assert stored("UK01").sort("_delivery_id", "_source_row").equals(before)
    log = set((log_path("o01_delivery_log") / "_delta_log").names())
    assert "_last_checkpoint" in log
    deliver_samples(times=4)
    assert stored("UK01").height == 11_212


def test_an_archived_delivery_is_read_again(on_store: Path) -> None:
    deliver_samples()
    first = read_log("o01_delivery_log").row(0, named=True)
    receipt = again(first["delivery_id"], keys.archive_key_path(), None)
    assert receipt.rows_n == first["rows_n"]
    assert (receipt.inserted_n, receipt.unchanged_n) == (0, first["valid_rows_n"])
    assert stored("UK01").height == 11_212


def test_an_object_that_is_gone_is_named(on_store: Path, weed: Weed, prefix: str) -> None:
    deliver_samples()
    path = feed_path(load("UK01"))
    (name, *_) = (n for n, _ in path.below() if n.endswith(".parquet"))
    weed.files().delete_file(f"{BUCKET}/{prefix}/conformed/{path.name}/{name}")
    with pytest.raises(Damaged, match=f"{path}/{name}: gone"):
        files(path)


def test_a_cut_off_entry_is_named(on_store: Path) -> None:
    deliver_samples()
    path = log_path("o01_delivery_log")
    entry = path / "_delta_log" / f"{opened(path).version():020}.json"
    entry.write_bytes(entry.read_bytes()[:40])
    with pytest.raises(Damaged, match=str(entry)):
        opened(path)


def test_writers_in_a_race_lose_nothing(on_store: Path) -> None:
    """No lock but the store's own conditional put."""
    from concurrent.futures import ThreadPoolExecutor

    where = places.lake() / "race"
    rows = pl.DataFrame({"n": [1]}).to_arrow(compat_level=pl.CompatLevel.oldest())

    def write(_: int) -> None:
        told = where.delta_options()
        write_deltalake(str(where), rows, mode="append", storage_options=told)

    write(0)
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(write, range(20)))
    table = DeltaTable(str(where))
    assert (table.version(), table.to_pyarrow_table().num_rows) == (20, 21)


def test_doctor_says_whether_the_lake_answers(
    on_store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def lake_line() -> tuple[bool, str]:
        (found,) = [f for f in examine() if f.name == "lake"]
        return found.ok, found.text

    assert lake_line() == (True, f"{places.lake()} answers")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "not it")
    ok, text = lake_line()
    assert not ok and str(places.lake()) in text and "not it" not in text
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    assert lake_line() == (False, "AWS_SECRET_ACCESS_KEY is not set: the lake lies on a store")
    monkeypatch.setenv("FENGQIAO_LAKE", "s3://bucket-only")
    assert lake_line() == (False, "FENGQIAO_LAKE is s3://bucket/prefix, not s3://bucket-only")


def test_plain_http_is_asked_for_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://store.example")
    monkeypatch.delenv("AWS_ALLOW_HTTP", raising=False)
    with pytest.raises(Misplaced, match="AWS_ALLOW_HTTP"):
        in_bucket("s3://lake/city")
    monkeypatch.setenv("AWS_ENDPOINT_URL", "https://store.example")
    assert str(in_bucket("s3://lake/city") / "a") == "s3://lake/city/a"


def test_a_zone_lies_beside_the_lake_not_in_it(on_store: Path) -> None:
    lake, zone = str(places.lake()), str(places.lake_l4("health"))
    assert zone == f"{lake}-l4/health"
    assert not zone.startswith(f"{lake}/")
