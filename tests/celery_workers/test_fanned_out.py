"""One day over two workers ends as in one process, whoever is killed meanwhile."""

from __future__ import annotations

import os
import secrets
import signal
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest

from ingestion.contract import load_all
from ingestion.delivery import receipt
from orchestration.definitions.feeds import TAKEN_IN, feed_key, not_taken_in
from tests.celery_workers import small, workers
from tests.whole.test_killed_day import judged, lake, served


@pytest.fixture(scope="module")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with workers.redis(tmp_path_factory.mktemp("redis")) as address:
        yield address


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return small.raise_city(tmp_path_factory.mktemp("fanned"))


@pytest.fixture(scope="module")
def alone(city: Path) -> Path:
    """The home after the same day in one process."""
    home = small.home_of(city, "alone")
    code, said = workers.ended(workers.start_job(small.environment(city, home)))
    assert code == 0, said[-3000:]
    return home


@pytest.fixture
def own_city(city: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FENGQIAO_CITY", str(city / "city"))


def same(mine: dict[str, pl.DataFrame], theirs: dict[str, pl.DataFrame]) -> None:
    assert mine.keys() == theirs.keys()
    assert [name for name in mine if not mine[name].equals(theirs[name])] == []


def same_homes(one: Path, other: Path) -> None:
    """Lake, logs, archive, pages and bench files agree; nothing waits."""
    same(lake(one), lake(other))
    same(served(one), served(other))
    assert judged(one).height > 0
    assert judged(one).equals(judged(other))
    for place in ("inbox", "ops/spool"):
        assert [p for p in (one / place).rglob("*") if p.is_file()] == []


def test_two_workers_do_what_one_process_does_and_each_feed_is_taken_once(
    city: Path, alone: Path, broker: str, own_city: None
) -> None:
    home = small.home_of(city, "fanned")
    there = small.environment(city, home, FENGQIAO_EXECUTOR="celery", FENGQIAO_BROKER=broker)
    with workers.worker(there, "one"), workers.worker(there, "two"):
        code, said = workers.ended(workers.start_job(there))
    assert code == 0, said[-3000:]

    same_homes(home, alone)
    log = lake(home)["o01_delivery_log"]
    assert log["rows_n"].sum() > 1000 and log["quarantined_n"].sum() > 0
    assert log["delivery_id"].is_unique().all()
    for row in log.iter_rows(named=True):
        receipt.from_row(row).check()

    found = workers.events(there)
    steps = {f"lake__{c.table}": c.code for c in load_all().values()}
    assert set(steps.values()) == set(small.FEEDS)
    begun = Counter(steps[e.step_key] for e in found if e.is_step_start and e.step_key in steps)
    assert begun == dict.fromkeys(small.FEEDS, 1)
    made = Counter(e.asset_key for e in found if e.is_step_materialization)
    assert {made[feed_key(c)] for c in load_all().values()} == {1}
    shares = workers.takers(found)
    assert {w.split("@")[0] for w in shares} == {"one", "two"}
    assert all(steps.keys() & done for done in shares.values())

    # One agency's database is away: the others were taken, the pages published.
    failed = [
        e.asset_check_evaluation_data.asset_key
        for e in found
        if e.event_type_value == "ASSET_CHECK_EVALUATION"
        and e.asset_check_evaluation_data.check_name == TAKEN_IN
        and not e.asset_check_evaluation_data.passed
    ]
    assert failed == [feed_key(load_all()[small.AWAY])]
    assert not_taken_in(workers.tags(there)) == [small.AWAY]


def test_killed_in_the_middle_of_a_step_the_next_run_ends_in_the_same_tables(
    city: Path, alone: Path, broker: str, own_city: None
) -> None:
    home = small.home_of(city, "killed")
    other = broker.removesuffix("/0") + "/1"
    there = small.environment(
        *(city, home),
        FENGQIAO_EXECUTOR="celery",
        FENGQIAO_BROKER=other,
        FENGQIAO_STEP_LOST_S="45",
    )
    # The process of one step, as when it fills the memory, while F03 waits for its next try: the
    # run ends and says so.
    with workers.worker(there, "one"), workers.worker(there, "two"):
        job = workers.start_job(there)
        os.kill(workers.taker(home), signal.SIGKILL)
        code, said = workers.ended(job)
        assert code != 0
        assert "WorkerLostError" in said
    with workers.worker(there, "one") as one, workers.worker(there, "two"):
        # A whole worker: its step comes back after 45 s, the other takes it, the run goes on. That
        # is longer than a step takes on a busy machine, or it would be given away again and again.
        job = workers.start_job(there)
        while os.getpgid(workers.taker(home)) != one.pid:
            pass
        workers.felled(one)
        code, said = workers.ended(job)
        assert code == 0, said[-3000:]
    same_homes(home, alone)


WORD = secrets.token_hex(8)


@pytest.mark.parametrize(
    ("chosen", "address", "said"),
    [
        ("celery", "", "FENGQIAO_BROKER must be redis://"),
        ("celery", f"pyamqp://guest:{WORD}@here//", "FENGQIAO_BROKER must be redis://"),
        ("threads", "redis://here:1/0", "FENGQIAO_EXECUTOR=threads"),
    ],
)
def test_a_run_without_a_broker_ends_at_once_instead_of_waiting_for_one(
    city: Path, chosen: str, address: str, said: str
) -> None:
    there = small.environment(
        city, city / "unused", FENGQIAO_EXECUTOR=chosen, FENGQIAO_BROKER=address
    )
    code, words = workers.ended(workers.start_job(there), timeout_s=120)
    assert code != 0
    assert said in words and WORD not in words
