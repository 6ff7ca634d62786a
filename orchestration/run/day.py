"""The day's job: deliver → checks → dbt → judge → publish (which clears the cache).

A round in which nothing arrived, for the same moment, with the same rules, is over before
dbt is imported. A failure after delivery leaves yesterday's pages and writes on them that the
build failed.
"""

from __future__ import annotations

import hashlib
import json
import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import duckdb
import polars as pl

from ingestion import clock, places, trace
from ingestion.contract import load_all
from ingestion.delivery.receipt import write_whole
from ingestion.keys import Unsafe
from ingestion.lake.logs import read_log
from ingestion.lake.tables import exists, opened
from ingestion.lake.views import everything, register
from ingestion.lock import run_lock
from orchestration.alert.after import tell_afterwards
from orchestration.run import rebuild
from orchestration.run.intake import Intake, take_all

log = logging.getLogger("fengqiao.day")
ROOT = Path(__file__).resolve().parents[2]
# What decides the numbers besides the lake: a change of it is a reason to compute again.
_RULES = ("dbt_project", "orchestration/judging", "orchestration/publish", "ingestion/contracts")
_OWN_RULES = (places.CITY_FILE, "contracts", "seeds")
Progress = Callable[[str], None]


@dataclass
class Day:
    """What one run did: seconds by step, receipts, checks that failed, the release."""

    release_id: str = ""
    intake: Intake = field(default_factory=Intake)
    seconds: dict[str, float] = field(default_factory=dict)
    checks_run: int = 0
    checks_failed: list[str] = field(default_factory=list)
    skipped: bool = False


class DayFailed(RuntimeError):
    """A step failed; yesterday's pages are still served and say so."""


def _silent(_: str) -> None:
    """Nobody watches."""


def build_file() -> Path:
    """The private DuckDB file of dbt."""
    places.build().mkdir(parents=True, exist_ok=True)
    return places.build() / "fengqiao.duckdb"


def _state_file() -> Path:
    return places.ops() / "day.json"


def last_day() -> dict[str, str]:
    """What the last whole run published; empty before the first, or if that cannot be read."""
    path = _state_file()
    try:
        state: dict[str, str] = json.loads(path.read_text()) if path.exists() else {}
    except ValueError:  # what is not known is computed again
        log.warning("%s cannot be read", path)
        return {}
    return state


def rules_fingerprint() -> str:
    """A hash of every file that decides a number, the city's own among them."""
    digest = hashlib.sha256()
    own = places.city()
    mine = [own / part for part in _OWN_RULES] if own else []
    for root in (*(ROOT / folder for folder in _RULES), *mine):
        for path in sorted(root.rglob("*")) if root.is_dir() else [root]:
            if path.is_file() and "__pycache__" not in path.parts and "target" not in path.parts:
                base = ROOT if path.is_relative_to(ROOT) else root.parent
                digest.update(path.relative_to(base).as_posix().encode())
                digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def lake_fingerprint() -> str:
    """A hash of the versions of the feed tables and the receipts; O02 follows from them."""
    versions = {
        name: opened(t.path).version() if exists(t.path) else -1
        for name, t in everything().items()
        if name != "o02_test_run"
    }
    return hashlib.sha256(json.dumps(versions, sort_keys=True).encode()).hexdigest()


@dataclass(frozen=True)
class Release:
    """The name of one state of lake, rules and clock: equal names, equal numbers."""

    release_id: str
    fingerprint: str


def release_now(as_of: datetime) -> Release:
    """The release that computing now would make."""
    identity = f"{as_of.isoformat()}|{lake_fingerprint()}|{rules_fingerprint()}"
    fingerprint = hashlib.sha256(identity.encode()).hexdigest()
    return Release(f"{as_of:%Y%m%dT%H%M}-{fingerprint[:8]}", fingerprint)


def stands(release: Release) -> bool:
    """Whether all that was computed of a release is there whole. Build files that do not open are
    deleted; a restored home has its pages and none (`fengqiao restore`)."""
    spoiled = rebuild.drop_unreadable()
    known = last_day().get("fingerprint") == release.fingerprint
    whole = not spoiled and build_file().exists()
    return known and whole and rebuild.pages_show(release.release_id)


def note_published(release: Release, as_of: datetime) -> None:
    """Remember what the pages show, so that the same is not computed again."""
    from orchestration.judging.revision import note_release

    note_release(release.release_id, as_of)
    state = {**vars(release), "as_of": as_of.isoformat()}
    write_whole(_state_file(), json.dumps(state).encode())


def register_lake(as_of: datetime) -> None:
    """Point the build file's schema `lake` at the exact snapshot of now."""
    with duckdb.connect(str(build_file())) as con:
        con.execute("SET TimeZone = 'Asia/Shanghai'")
        register(con, as_of)


@contextmanager
def _timed(day: Day, step: str, progress: Progress) -> Iterator[None]:
    progress(step)
    started = time.perf_counter()
    try:
        yield
    finally:
        day.seconds[step] = round(time.perf_counter() - started, 2)


def unchecked() -> set[str]:
    """Feeds with a receipt newer than their checks: a run was killed between the two."""
    landed = read_log("o01_delivery_log").group_by("feed_code").agg(pl.col("landed_time").max())
    checked = read_log("o02_test_run").group_by("feed_code").agg(pl.col("run_time").max())
    met = landed.join(checked, on="feed_code", how="left")
    late = met.filter((pl.col("landed_time") <= pl.col("run_time")).fill_null(False).not_())
    return set(late["feed_code"]) & load_all().keys()


def check(feeds: list[str], as_of: datetime, day: Day) -> None:
    """Run the table-level checks of the named feeds and log them in O02."""
    from quality.run import record, run_checks

    results = run_checks(feeds, as_of)
    record(results, as_of)
    day.checks_run += len(results)
    day.checks_failed += [f"{r.feed} {r.name}: {r.detail}" for r in results if not r.passed]


def compute(as_of: datetime, release_id: str, day: Day, progress: Progress = _silent) -> None:
    """dbt → judge → publish on the lake as it is."""
    with _timed(day, "dbt", progress):
        from orchestration.transform import count, run_zones

        run_zones(as_of)
        register_lake(as_of)
        count(as_of)
    with _timed(day, "judge", progress):
        from orchestration.judging import judge

        judge(as_of, release_id)
    with _timed(day, "publish", progress):
        from orchestration.publish import publish

        publish(release_id, as_of)


@contextmanager
def pages_say_if_it_fails(as_of: datetime) -> Iterator[None]:
    """A failure leaves yesterday's pages, and they say so.

    A key that is lost is not one: nothing was begun. Nor is a mark that cannot be made (the disk
    is full, the pages are damaged): the pages still show of when they are.
    """
    try:
        yield
    except Unsafe:
        raise
    except (Exception, SystemExit) as error:  # pyspark's import may exit (docs/operations.md)
        from orchestration.publish import mark

        told = f"{type(error).__name__}: {error}"
        told += rebuild.after(told)
        try:
            mark("failed", f"{as_of:%m月%d日 %H:%M} 的计算未完成，页面为上一次发布的结果")
        except (OSError, duckdb.Error) as unmarked:
            log.error("the pages could not be marked: %s", unmarked)
            told += f"\nthe pages could not be marked as failed: {unmarked}"
        raise DayFailed(told) from error


@trace.span("day")
def run_day(
    codes: set[str] | None = None,
    progress: Progress = _silent,
) -> Day:
    """One whole run under the home's lock."""
    as_of = clock.as_of()
    day = Day()
    with tell_afterwards(day, codes), run_lock():
        with pages_say_if_it_fails(as_of):
            with _timed(day, "deliver", progress):
                day.intake = take_all(codes)
            release = release_now(as_of)
            day.release_id = release.release_id
            trace.note(release=day.release_id, not_taken_in=len(day.intake.failures))
            if stands(release):
                day.skipped = True
                trace.note(skipped=True)
                log.info("nothing new for %s: %s stands", as_of.isoformat(), day.release_id)
                return day
            feeds = sorted(day.intake.changed() | unchecked())
            if feeds:
                with _timed(day, "checks", progress):
                    register_lake(as_of)
                    check(feeds, as_of, day)
            compute(as_of, day.release_id, day, progress)
        note_published(release, as_of)
    return day
