"""A store that goes away: for a while, and nothing differs; for good, and one error says so."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from ingestion import places
from ingestion.contract import load
from ingestion.delivery import deliver
from ingestion.lake.tables import load as load_table
from ingestion.lake.tables import log_path, scan
from ingestion.store import bucket
from orchestration.run import intake as module
from orchestration.run.intake import Intake, take_all, take_feed
from tests.conftest import settle
from tests.ingestion.test_exactly_once import State, fill, state
from tests.ingestion.victim import FEEDS, take_in
from tests.object_store.troubled import troubled
from tests.object_store.weed import Weed

AWAY_S = 3.0
FAILS_S = 8.0  # what draws its pauses by chance had asked ten times in two seconds, and given up


@pytest.fixture(scope="module")
def calm(tmp_path_factory: pytest.TempPathFactory) -> State:
    """What the same deliveries leave on a disk."""
    folder = tmp_path_factory.mktemp("calm")
    fill(folder / "data")
    with pytest.MonkeyPatch.context() as patch:
        settle(patch, folder)
        take_in(lambda _: None)
    return state(folder)


@pytest.fixture
def waiting(on_store: Path) -> Path:
    """A home with deliveries in its inbox and its lake on the store; gives its folder."""
    fill(on_store)
    return on_store.parent


@pytest.fixture
def up_again(weed: Weed) -> Iterator[Weed]:
    yield weed
    bucket._connected.cache_clear()
    if weed.process is None:
        weed.start()


@pytest.mark.parametrize("step", ["archived", "quarantine", "data"])
def test_away_for_a_while_in_the_middle_of_a_delivery_and_nothing_differs(
    waiting: Path, up_again: Weed, calm: State, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    back: list[threading.Thread] = []

    def reached(at: str) -> None:
        if at == step and not back:
            up_again.stop()
            timer = threading.Timer(AWAY_S, up_again.start)
            timer.start()
            back.append(timer)

    # The store takes its time to come back on a machine that has other work.
    monkeypatch.setattr(bucket, "PATIENCE_S", 120)
    bucket._connected.cache_clear()
    began = time.perf_counter()
    take_in(reached)
    assert back and time.perf_counter() - began > AWAY_S
    back[0].join()
    assert state(waiting) == calm


def test_a_store_that_fails_for_a_while_is_asked_until_it_does_not(
    waiting: Path, weed: Weed, calm: State, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps: set[str] = set()
    with troubled(weed.ports["s3.port"]) as trouble:

        def reached(step: str) -> None:
            if step not in steps:  # after each kind of step somebody else asks first
                steps.add(step)
                trouble.begin(FAILS_S)

        monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{trouble.port}")
        take_in(reached)
        assert len(steps) > 3 and len(trouble.answers) > len(steps)
        assert state(waiting) == calm
        log = log_path("quarantine")
        table = load_table(log)
        for ask in (
            lambda: load_table(log).version(),
            lambda: scan(log, table).collect().height,
        ):
            trouble.begin(FAILS_S)
            assert ask() > 0 and not trouble.now


def test_away_for_good_fails_the_feed_with_one_error_and_the_next_run_heals(
    waiting: Path, up_again: Weed, calm: State, caplog: pytest.LogCaptureFixture
) -> None:
    def reached(at: str) -> None:
        if at == "quarantine":
            up_again.stop()

    intake = Intake()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(bucket, "PATIENCE_S", 1)
        patch.setattr(bucket, "ATTEMPTS", 2)
        patch.setattr(module, "deliver", lambda received: deliver(received, reached))
        bucket._connected.cache_clear()
        take_feed(load("P44"), intake)
        assert intake.receipts == []
        (text,) = intake.failures.values()
        assert re.fullmatch(f"{places.lake()} does not answer: [^\n]*connect[^\n]*", text)
        told = [r for r in caplog.records if r.levelname == "ERROR"]
        assert len(told) == 1, caplog.text
        assert up_again.key not in caplog.text
        with pytest.raises(OSError, match=f"{places.lake()} does not answer: .*connect"):
            take_all(set(FEEDS))
    bucket._connected.cache_clear()
    up_again.start()
    assert take_all(set(FEEDS)).failures == {}
    assert state(waiting) == calm
