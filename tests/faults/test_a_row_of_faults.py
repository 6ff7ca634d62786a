"""One home struck by one fault after another; then it runs once undisturbed, and all is well.

The faults come in the order of this file and share the home, so that one undisturbed run proves
them all; each also stands alone.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.faults import homes
from tests.faults.same import differences


@pytest.fixture(scope="module")
def city(yesterday: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The home that has to bear it."""
    return homes.copy(yesterday, tmp_path_factory.mktemp("row") / "city")


def test_a_home_nobody_may_write_is_refused_in_a_line(city: Path) -> None:
    with homes.read_only(city / "data"):
        done = homes.run(city, obedient=True)
    assert done.returncode == 3
    assert "Permission denied" in done.stderr and "run.lock" in done.stderr
    assert "Traceback" not in done.stderr
    assert homes.state(city) == (homes.YESTERDAY, "ok")
    homes.conserved(city)


def test_a_disk_that_is_full_when_a_file_is_taken_in(city: Path) -> None:
    done = homes.run(city, "limit:deliver:4096")
    assert done.returncode == 1
    assert "File too large" in done.stderr and "could not be marked" in done.stderr
    assert "Traceback" not in done.stderr
    assert homes.state(city) == (homes.YESTERDAY, "ok")
    homes.conserved(city)
    assert (city / "data/inbox/UK01" / homes.WAITING).exists()


def test_a_real_disk_that_is_full(city: Path, tmp_path: Path) -> None:
    with homes.small_disk(tmp_path / "disk", 300 << 10, city) as mounted:
        there = mounted or city
        done = homes.run(there, *([] if mounted else ["limit:deliver:16384"]))
        assert done.returncode == 1
        assert ("No space left" if mounted else "File too large") in done.stderr
        assert "Traceback" not in done.stderr
        assert homes.state(there) == (homes.YESTERDAY, "ok")
        homes.conserved(there)


def test_a_lake_nobody_may_write_keeps_the_file_and_the_pages_say_so(city: Path) -> None:
    with homes.read_only(city / "data/lake", city / "data/build"):
        done = homes.run(city, obedient=True)
    assert done.returncode == 1 and "Permission denied" in done.stderr
    assert homes.state(city) == (homes.YESTERDAY, "failed")
    homes.conserved(city)
    assert (city / "data/inbox/UK01" / homes.WAITING).exists()


def test_pages_nobody_may_write_stay_and_the_command_says_so(city: Path) -> None:
    with homes.read_only(city / "data/serving", city / "data/build"):
        done = homes.run(city, obedient=True)
    assert done.returncode == 1 and "could not be marked" in done.stderr
    assert "Traceback" not in done.stderr
    assert homes.state(city)[0] == homes.YESTERDAY
    homes.conserved(city)


def test_a_disk_that_is_full_when_it_is_computed(city: Path) -> None:
    done = homes.run(city, "limit:dbt:65536")
    assert done.returncode == 1 and "File too large" in done.stderr
    assert homes.state(city)[0] == homes.YESTERDAY
    homes.conserved(city)


def test_a_disk_that_is_full_when_pages_are_written(city: Path) -> None:
    done = homes.run(city, "limit:publish:1048576")
    assert done.returncode == 1 and "PublishError" in done.stderr
    assert homes.state(city)[0] == homes.YESTERDAY
    homes.conserved(city)
    left = [p.name for p in (city / "data/serving").iterdir() if p.name.startswith(".")]
    assert [n for n in left if ".new" in n] == [], "a draft would keep the disk full"


def test_what_is_computed_is_damaged_and_the_next_run_makes_it_again(
    city: Path, alone: Path
) -> None:
    data = city / "data"
    whole = (data / "build/fengqiao.duckdb").read_bytes()
    (data / "build/fengqiao.duckdb").write_bytes(os.urandom(20_000) + whole[20_000:])
    zone = data / "build/l4-health.duckdb"
    zone.write_bytes(zone.read_bytes()[: zone.stat().st_size // 2])
    (data / "serving/pages.duckdb").write_bytes(b"spoiled " * 1000)
    (data / "ops/day.json").write_text("{")
    for parsed in data.glob("build/dbt/*/partial_parse.msgpack"):
        parsed.write_bytes(parsed.read_bytes()[:1000])
    done = homes.run(city)
    assert done.returncode == 0, done.stdout + done.stderr
    log = (data / "ops/logs/fengqiao.log").read_text()
    assert "fengqiao.duckdb is damaged and is built anew" in log
    assert homes.state(city) == (homes.TODAY, "ok")
    homes.conserved(city)
    assert differences(city, alone) == []
    (data / "build/fengqiao.duckdb").write_bytes(b"spoiled " * 1000)
    assert homes.run(city).returncode == 0  # nothing new waits, and it is made again all the same
    assert differences(city, alone) == []
