"""All steps of a run of Dagster compute for one moment, also where the clock runs."""

from __future__ import annotations

import time
from datetime import datetime
from pathlib import Path

import dagster as dg
import pytest

from ingestion import clock
from orchestration.definitions.executor import alone, one_feed


def moments(folder: Path) -> list[datetime]:
    seen: list[datetime] = []

    @dg.op
    def first() -> None:
        with one_feed("P44"):
            seen.append(clock.as_of())

    @dg.op(ins={"after": dg.In(dg.Nothing)})
    def second() -> None:
        time.sleep(1.2)
        with alone() as as_of:
            seen.append(as_of)

    @dg.job(executor_def=dg.in_process_executor)
    def day() -> None:
        second(first())

    with dg.DagsterInstance.local_temp(str(folder)) as instance:
        assert day.execute_in_process(instance=instance).success
    return seen


def test_steps_of_a_run_have_the_moment_at_which_it_began(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(clock.FIXED)
    before = clock.as_of().replace(microsecond=0)
    first, second = moments(tmp_path)
    assert first == second
    assert before <= first <= clock.as_of()


def test_a_fixed_clock_stays(home: Path, tmp_path: Path) -> None:
    assert set(moments(tmp_path)) == {clock.as_of()}
