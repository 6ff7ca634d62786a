"""Killed at every durable step, and between a file and its commit: nothing differs."""

from __future__ import annotations

import os
import signal
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from ingestion.contract import load
from ingestion.lake import files
from ingestion.lake.tables import exists, feed_path, opened
from tests.ingestion import victim
from tests.ingestion.test_exactly_once import State, environment, state
from tests.ingestion.test_exactly_once import fill as fill_all
from tests.object_store.weed import Weed


def fill(home: Path) -> None:
    """Two deliveries: rows that stay, are refused, are warned of; then newer, older, equal ones."""
    fill_all(home)
    for name in ("P44/P44_20261003.csv", "P44/P44_20261004.csv"):
        (home / "inbox" / name).unlink()
    (home / "inbox/UK01/2017-07-west-yorkshire-street.csv").unlink()


def run(folder: Path, weed: Weed, die_at: int = 0, steps: str = "") -> int:
    """One process that takes in what waits; -9 for one that was killed."""
    settings = {**environment(folder), **weed.variables(f"killed/{folder.name}")}
    process = victim.start(settings, die_at, steps)
    return victim.ended(process)


def left(folder: Path, weed: Weed) -> State:
    with pytest.MonkeyPatch.context() as patch:
        weed.point(patch, f"killed/{folder.name}")
        return state(folder)


@pytest.fixture(scope="module")
def calm(tmp_path_factory: pytest.TempPathFactory) -> tuple[State, list[str]]:
    """What an undisturbed run leaves that has its lake on the disk, and its steps."""
    folder = tmp_path_factory.mktemp("calm")
    fill(folder / "data")
    process = victim.start(environment(folder), 0, str(folder / "steps"))
    assert victim.ended(process) == 0
    return state(folder), (folder / "steps").read_text().splitlines()


def test_killed_after_any_step_and_run_again_nothing_differs(
    calm: tuple[State, list[str]], tmp_path: Path, weed: Weed
) -> None:
    wanted, steps = calm

    def disturbed(number: int) -> list[int]:
        folder = tmp_path / str(number)
        fill(folder / "data")
        return [run(folder, weed, number), run(folder, weed)]

    numbers = range(1, len(steps) + 1)
    with ThreadPoolExecutor(2) as pool:
        assert list(pool.map(disturbed, numbers)) == [[-9, 0]] * len(numbers)
    for number, step in zip(numbers, steps, strict=True):
        assert left(tmp_path / str(number), weed) == wanted, f"killed at step {number}, {step}"


def _die_before_a_commit(settings: dict[str, str], number: int) -> None:
    os.environ.update(settings)
    commit, heard = files.commit, []

    def dying(*given: object) -> None:
        heard.append(given)
        if len(heard) == number:
            os.kill(os.getpid(), signal.SIGKILL)
        commit(*given)  # type: ignore[arg-type]

    files.commit = dying  # type: ignore[assignment]
    victim.take_in(lambda _: None)


def test_killed_between_the_files_and_their_commit_leaves_garbage_only(
    calm: tuple[State, list[str]], tmp_path: Path, weed: Weed
) -> None:
    wanted, _ = calm
    strays = 0
    for number in (1, 2, 3):
        folder = tmp_path / f"before-{number}"
        fill(folder / "data")
        settings = {**environment(folder), **weed.variables(f"killed/{folder.name}")}
        child = victim.SPAWN.Process(target=_die_before_a_commit, args=(settings, number))
        child.start()
        child.join()
        assert child.exitcode == -signal.SIGKILL
        assert run(folder, weed) == 0
        assert left(folder, weed) == wanted
        with pytest.MonkeyPatch.context() as patch:
            weed.point(patch, f"killed/{folder.name}")
            strays += len(unnamed("P44"))
    assert strays > 0, "a file of a feed was written and never named"


def unnamed(code: str) -> set[str]:
    """Data files of a feed's folder that no version of its table names."""
    path = feed_path(load(code))
    assert exists(path)
    log = (path / "_delta_log" / name for name in (path / "_delta_log").names())
    told = "".join(entry.read_bytes().decode() for entry in log if entry.name.endswith(".json"))
    assert opened(path).version() > 0
    laid = {name for name, _ in path.below() if name.endswith(".parquet")}
    return {name for name in laid if name.rpartition("/")[2] not in told}
