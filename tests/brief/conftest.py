"""The small city, published, with one week and one month that two offices released."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from ingestion import places
from ingestion.clock import parse
from orchestration.publish import publish
from tests.conftest import settle
from tests.dashboards.small_city import AS_OF, write_build

RELEASED_WEEK, RELEASED_MONTH = "2026-W42", "2026-08"


@pytest.fixture(scope="session")
def published(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Folder of a home that is published once; tests work on copies of it."""
    folder = tmp_path_factory.mktemp("briefs")
    with pytest.MonkeyPatch.context() as patch:
        settle(patch, folder, AS_OF.replace(" ", "T"))
        build = places.build() / "fengqiao.duckdb"
        write_build(build)
        with duckdb.connect(str(build)) as connection:
            connection.execute("""
                create or replace table staging.stg_r08_release_record as
                select code as record_code, release_kind, s as period_start, e as period_end,
                    version as release_version, '11330600XN00000129' as first_org_code,
                    '11330600XN00000391' as second_org_code, released_time
                from (values
                    ('a', '02', date '2026-10-12', date '2026-10-18', 'r-week',
                        timestamp '2026-10-19 15:00:00'),
                    ('b', '03', date '2026-08-01', date '2026-08-31', 'r-month',
                        timestamp '2026-09-13 16:00:00'),
                    -- The units have until Friday the 18th to contest a number of August; the
                    -- Sunday after it is a workday.
                    ('c', '01', date '2026-08-01', date '2026-08-31', '2026.1',
                        timestamp '2026-09-20 16:00:00'),
                    ('e', '01', date '2026-09-01', date '2026-09-30', '2026.1',
                        timestamp '2026-10-16 16:00:00'),
                    -- Signed after the moment that the pages stand at: not known yet.
                    ('d', '02', date '2026-10-19', date '2026-10-25', 'r-later',
                        timestamp '2026-11-02 15:00:00')
                ) as t (code, release_kind, s, e, version, released_time)
            """)
        publish("small-city", parse(AS_OF))
    yield folder


@pytest.fixture
def city(published: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home of its own with a copy of the published pages; gives the page file."""
    settle(monkeypatch, tmp_path, AS_OF.replace(" ", "T"))
    places.serving().mkdir(parents=True)
    copy = places.serving() / "pages.duckdb"
    shutil.copyfile(published / "data" / "serving" / "pages.duckdb", copy)
    return copy
