"""The small city's day counted by a Spark cluster: every table, judgement and page the same."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from benchmarks.spark import different, rows, unequal
from ingestion import clock, places
from orchestration.run.day import Day, compute, release_now
from orchestration.transform import cluster, count
from tests.golden import spark_cluster
from tests.whole.small_city import settled
from tests.whole.test_killed_day import judged, served

BUILD = "build/fengqiao.duckdb"


@pytest.mark.timeout(2400)  # two hundred models through Spark on two cores
def test_a_day_counted_by_a_cluster_is_judged_and_shown_as_one_counted_here(
    city: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = city / "data"
    assert rows(here / BUILD) > 20_000
    shutil.copytree(city, tmp_path, symlinks=True, dirs_exist_ok=True)
    settled(tmp_path, monkeypatch)
    (places.home() / BUILD).unlink()
    as_of = clock.as_of()
    with spark_cluster.small(tmp_path / "cluster", monkeypatch):
        compute(as_of, release_now(as_of).release_id, Day())

    assert different(places.home() / BUILD, here / BUILD) == {}
    assert unequal(judged(places.home()), judged(here)) == ""
    pages, shown = served(places.home()), served(here)
    assert pages.keys() == shown.keys()
    assert {name: why for name, one in shown.items() if (why := unequal(pages[name], one))} == {}


@pytest.mark.parametrize(
    ("master", "said"),
    [
        ("spark://127.0.0.1:9", "spark://127.0.0.1:9 does not answer"),
        ("127.0.0.1:7077", "FENGQIAO_SPARK=127.0.0.1:7077: spark://host:port"),
    ],
)
def test_a_cluster_that_cannot_be_asked_is_named_before_anything_is_done(
    home: Path, monkeypatch: pytest.MonkeyPatch, master: str, said: str
) -> None:
    monkeypatch.setenv(cluster.MASTER, master)
    with pytest.raises(cluster.NoSpark, match=re.escape(said)):
        count(clock.as_of())
    assert not places.build().exists()
