"""The same deliveries into a lake on the disk and on the store: equal tables, receipts, pages."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from ingestion import places
from tests.object_store import cities
from tests.object_store.cities import Raised
from tests.object_store.weed import Weed


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory, weed: Weed) -> tuple[Raised, Raised]:
    """The city with its lake on the disk, and with its lake on the store."""
    folder = tmp_path_factory.mktemp("cities")
    cities.send(folder)
    disk = cities.raise_city(folder / "disk", {})
    store = cities.raise_city(folder / "store", weed.variables("cities/same"))
    for name, city in (("disk", disk), ("store", store)):
        print(f"{name}: {city.take_in_s:.1f} s taking in, {city.day_s:.1f} s the day")
    return disk, store


def lake_of(city: Raised) -> dict[str, pl.DataFrame]:
    with pytest.MonkeyPatch.context() as patch:
        city.point(patch)
        return cities.tables()


def test_every_table_of_the_lake_is_the_same(both: tuple[Raised, Raised]) -> None:
    disk, store = map(lake_of, both)
    full = {name for name, frame in disk.items() if frame.height}
    assert {"o01_delivery_log", "o02_test_run", "quarantine", "revision", "release"} <= full
    assert len(full) > len(cities.FEEDS) + len(cities.REFERENCES)
    cities.assert_same(disk, store)


def test_every_receipt_is_the_same(both: tuple[Raised, Raised]) -> None:
    disk, store = (cities.receipts(city.folder) for city in both)
    assert len(disk) > 30
    assert disk == store


@pytest.mark.parametrize(
    ("file", "schema", "least"),
    [
        ("build/fengqiao.duckdb", "judged", 1),
        ("build/fengqiao.duckdb", "marts", 10),
        ("serving/pages.duckdb", "main", 20),
    ],
)
def test_indicators_and_pages_are_the_same(
    both: tuple[Raised, Raised], file: str, schema: str, least: int
) -> None:
    disk, store = (cities.tables_of(city.folder / file, schema) for city in both)
    for tables in (disk, store):
        tables.pop("stands", None)  # names the record of revisions, of which each home has its own
    assert len([frame for frame in disk.values() if frame.height]) >= least
    cities.assert_same(disk, store)
    if schema == "judged":
        assert disk["fct_indicator"]["value"].is_not_null().sum() > 100, "values, not only names"


def test_nothing_of_the_lake_is_on_the_disk_and_all_of_the_rest_is(
    both: tuple[Raised, Raised], weed: Weed
) -> None:
    _, store = both
    with pytest.MonkeyPatch.context() as patch:
        home = store.point(patch)
        assert not list(home.glob("lake*"))
        assert {"inbox", "outbox", "archive", "build", "serving", "ops"} <= names(home)
        laid = {name for name, _ in places.lake().below()}
    assert any(name.startswith("published/fct_indicator_revision/") for name in laid)
    assert any(name.startswith("ops/o01_delivery_log/_delta_log/") for name in laid)


def names(folder: Path) -> set[str]:
    return {place.name for place in folder.iterdir()}


def test_no_credential_is_written_down(both: tuple[Raised, Raised], weed: Weed) -> None:
    _, store = both
    secret = weed.key.encode()
    files = [f for f in store.folder.rglob("*") if f.is_file()]
    assert len(files) > 50
    assert [f for f in files if secret in f.read_bytes()] == []
