"""A store that keeps one of two commits is found before it takes a row."""

from __future__ import annotations

from pathlib import Path

import pytest

from ingestion import places
from ingestion.store.apart import CommitsLost
from orchestration.run.doctor import examine
from orchestration.run.intake import take_all
from tests.object_store.careless import gateway
from tests.object_store.weed import OPEN, Weed


def nothing_is_left() -> bool:
    return not list(places.lake().below())


def test_two_writers_lose_nothing_and_leave_nothing(on_store: Path) -> None:
    places.lake().keeps_commits()
    assert nothing_is_left()
    (found,) = [f for f in examine() if f.name == "lake commits"]
    assert found.ok, found.text


def test_a_store_that_overlooks_the_condition_is_found(
    on_store: Path, weed: Weed, prefix: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FENGQIAO_LAKE", f"s3://{OPEN}/{prefix}")
    places.lake().keeps_commits()
    with gateway(weed.ports["s3.port"]) as port:
        monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{port}")
        with pytest.raises(CommitsLost, match="overwrites a commit"):
            places.lake().keeps_commits()
        assert nothing_is_left()
        (found,) = [f for f in examine() if f.name == "lake commits"]
        assert not found.ok and "If-None-Match" in found.text
        with pytest.raises(OSError, match="overwrites a commit"):
            take_all({"R01"})


def test_a_folder_of_this_machine_keeps_both(home: Path) -> None:
    places.lake().keeps_commits()
    assert nothing_is_left()
