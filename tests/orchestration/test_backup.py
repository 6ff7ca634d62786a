"""A home that is lost comes back from its back-up, on a machine that never saw it."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from orchestration.backup.store import read_list, snapshots
from tests.orchestration.conftest import SAMPLES, Command, command_in, environment, lay_down

NEXT_DAY = "2026-11-01T09:00:00"


@pytest.fixture
def city(computed: Path, tmp_path: Path) -> Path:
    """A copy of the computed home that a test may lose."""
    folder = tmp_path / "city"
    shutil.copytree(computed, folder, symlinks=True)
    return folder


def rows_of(run: Command) -> str:
    asked = run(
        "sql", "select crime_type, count(*) from stg_uk01_street_crime group by all order by 1"
    )
    assert asked.returncode == 0, asked.stderr
    return asked.stdout


def elsewhere(city: Path, tmp_path: Path) -> tuple[Path, Command]:
    """An empty machine to which only the secrets were brought."""
    folder = tmp_path / "new-machine"
    folder.mkdir()
    shutil.copytree(city / "secrets", folder / "secrets")
    return folder, command_in(folder)


def test_a_lost_home_comes_back_on_an_empty_machine(
    computed: Path, city: Path, tmp_path: Path
) -> None:
    target, run = tmp_path / "backup", command_in(city)
    before = rows_of(command_in(computed))
    made = run("backup", str(target))
    assert made.returncode == 0, made.stderr
    pages = (city / "data/serving/pages.duckdb").read_bytes()
    shutil.rmtree(city / "data")
    folder, there = elsewhere(city, tmp_path)
    back = there("restore", str(target))
    assert back.returncode == 0, back.stderr
    assert (folder / "data/serving/pages.duckdb").read_bytes() == pages
    # The build files were not saved, so the same release is computed once more and not skipped.
    ran = there("run")
    assert ran.returncode == 0, ran.stderr
    assert "published" in ran.stdout
    assert rows_of(there) == before
    assert "nothing new" in there("run").stdout
    # A delivery taken in before the loss is known after it.
    lay_down(folder, *[p.name for p in SAMPLES.glob("*.csv")])
    again = there("run")
    assert again.stdout.count("already received") == len(list(SAMPLES.glob("*.csv")))
    assert rows_of(there) == before


def test_no_secret_and_nothing_readable_lies_in_a_backup(city: Path, tmp_path: Path) -> None:
    target = tmp_path / "backup"
    assert command_in(city)("backup", str(target)).returncode == 0
    paths = {entry.path for entry in read_list(snapshots(target)[-1]).entries}
    assert paths and not any("secret" in path or path.endswith(".key") for path in paths)
    assert not any(path.startswith(("build/", "ops/logs")) for path in paths)
    for kept in (target / "objects").rglob("*.age"):
        assert kept.read_bytes().startswith(b"age-encryption.org/v1")


def test_a_second_backup_keeps_only_what_is_new(city: Path, tmp_path: Path) -> None:
    target, run = tmp_path / "backup", command_in(city)
    assert run("backup", str(target)).returncode == 0
    objects = set((target / "objects").rglob("*.age"))
    assert run("backup", str(target)).returncode == 0
    assert set((target / "objects").rglob("*.age")) == objects
    assert len(snapshots(target)) == 1, "the same state has the same name"
    assert run("run", FENGQIAO_AS_OF=NEXT_DAY).returncode == 0
    assert run("backup", str(target), FENGQIAO_AS_OF=NEXT_DAY).returncode == 0
    grown = set((target / "objects").rglob("*.age"))
    assert objects < grown and len(snapshots(target)) == 2
    # Of one state that is kept, nothing of the older one stays.
    assert run("backup", str(target), "--keep", "1", FENGQIAO_AS_OF=NEXT_DAY).returncode == 0
    named = {e.sha256 for e in read_list(snapshots(target)[0]).entries}
    assert {p.name.removesuffix(".age") for p in (target / "objects").rglob("*.age")} == named


@pytest.mark.parametrize("what", ["object", "list", "missing"])
def test_an_altered_backup_is_refused_by_name_and_leaves_no_home(
    city: Path, tmp_path: Path, what: str
) -> None:
    target = tmp_path / "backup"
    assert command_in(city)("backup", str(target)).returncode == 0
    file = snapshots(target)[-1]
    entry = next(e for e in read_list(file).entries if e.path.endswith("pages.duckdb"))
    spoiled = file if what == "list" else next((target / "objects").rglob(f"{entry.sha256}.age"))
    if what == "missing":
        spoiled.unlink()
    else:
        content = bytearray(spoiled.read_bytes())
        content[len(content) // 2] ^= 1
        spoiled.write_bytes(bytes(content))
    folder, there = elsewhere(city, tmp_path)
    refused = there("restore", str(target))
    assert refused.returncode == 3
    assert (file.name if what == "list" else "serving/pages.duckdb") in refused.stderr
    assert not (folder / "data" / "serving").exists()
    assert [p.name for p in folder.iterdir() if p.name.startswith(".data")] == []


def test_a_home_that_is_there_is_never_overwritten(city: Path, tmp_path: Path) -> None:
    target, run = tmp_path / "backup", command_in(city)
    assert run("backup", str(target)).returncode == 0
    refused = run("restore", str(target))
    assert refused.returncode == 3 and "is not empty" in refused.stderr
    inside = run("backup", str(city / "data" / "backup"))
    assert inside.returncode == 3 and "outside" in inside.stderr


def test_a_backup_killed_in_the_middle_leaves_the_one_before(city: Path, tmp_path: Path) -> None:
    target, run = tmp_path / "backup", command_in(city)
    assert run("backup", str(target)).returncode == 0
    [good] = snapshots(target)
    (city / "data" / "archive" / "large.bin").write_bytes(os.urandom(200 << 20))
    command = [str(Path(sys.executable).with_name("fengqiao")), "backup", str(target)]
    killed = subprocess.Popen(command, env=environment(city))
    deadline = time.monotonic() + 60
    while not list((target / "objects").glob(".*.part")) and time.monotonic() < deadline:
        time.sleep(0.005)
    killed.send_signal(signal.SIGKILL)
    assert killed.wait() == -signal.SIGKILL
    assert list((target / "objects").glob(".*.part")), "killed while it wrote"
    assert snapshots(target) == [good]
    assert run("backup", str(target)).returncode == 0
    assert not list((target / "objects").glob(".*.part"))
    _, there = elsewhere(city, tmp_path)
    assert there("restore", str(target), "--name", good.stem).returncode == 0
