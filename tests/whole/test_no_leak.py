"""Nothing personal can be read in a data home after a whole run."""

from __future__ import annotations

from pathlib import Path

from ingestion import places
from tests.leakscan import audit, read_names


def test_a_whole_citys_home_holds_no_personal_value(city_home: Path) -> None:
    names = read_names(places.agencies() / "truth" / "sentinel_names.txt")
    assert len(names) > 100
    looked_at = {p.suffix for p in city_home.rglob("*") if p.is_file()}
    assert {".parquet", ".duckdb", ".json", ".age"} <= looked_at
    # `audit` plants a leak of every kind in every format first and must find each.
    assert audit(city_home, names) == []


def test_what_is_scanned_as_encrypted_is(city_home: Path) -> None:
    sealed = [*places.archive().rglob("*"), *places.outbox().rglob("*.xlsx.age")]
    files = [p for p in sealed if p.is_file()]
    assert len(files) > 100
    assert all(p.read_bytes()[:21] == b"age-encryption.org/v1" for p in files)


def test_the_agencies_own_files_would_be_found(city_home: Path, tmp_path: Path) -> None:
    names = read_names(places.agencies() / "truth" / "sentinel_names.txt")
    source = places.agencies() / "P44" / "P44_20261009.csv"
    (tmp_path / "leak.csv").write_bytes(source.read_bytes())
    assert {leak.kind for leak in audit(tmp_path, names)} >= {"mobile", "name"}
