"""Judging only what differs gives the table, and the revisions, of judging everything."""

from __future__ import annotations

import shutil
from datetime import datetime, timedelta
from pathlib import Path
from random import Random

import duckdb
import numpy as np
import polars as pl
import pytest
from deltalake import DeltaTable
from polars.testing import assert_frame_equal

from orchestration.judging import again, judge, posterior, revision, table
from tests.golden import city
from tests.golden.conftest import Golden

KEY = ["indicator_code", "unit_level", "unit_code", "window_kind", "period_start"]
YEARS = 3
NEXT = city.AS_OF + timedelta(days=1)


@pytest.fixture
def homes(golden: Golden, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Path, Path]:
    """The golden city with a past of some years, judged; twice."""
    one, other = tmp_path / "one", tmp_path / "other"
    (one / "build").mkdir(parents=True)
    shutil.copy(golden.database, one / "build" / "fengqiao.duckdb")
    with open_build(one) as con:
        lengthen(con)
    monkeypatch.setenv("FENGQIAO_HOME", str(one))
    judge(city.AS_OF, "r1", whole=True)
    shutil.copytree(one, other)
    return one, other


def open_build(home: Path) -> duckdb.DuckDBPyConnection:
    return duckdb.connect(str(home / "build" / "fengqiao.duckdb"))


def lengthen(con: duckdb.DuckDBPyConnection) -> None:
    """The counts of the golden city once more for each year before."""
    for name in ("agg_indicator_counts", "agg_duration_days"):
        columns = [str(c) for c, *_ in con.execute(f"describe marts.{name}").fetchall()]
        con.execute(f"create temp table found as select * from marts.{name}")
        for year in range(1, YEARS + 1):
            moved = ", ".join(
                f"cast({c} - interval {year} year as date) as {c}"
                if c in ("period_start", "period_end")
                else f"false as {c}"
                if c in ("is_running", "is_provisional")
                else c
                for c in columns
            )
            key = ", ".join(c for c in columns if c in (*KEY, "days_upto"))
            con.execute(
                f"insert into marts.{name} by name select * from (select {moved} from found)"
                f" as moved anti join marts.{name} using ({key})"
                f" qualify row_number() over (partition by {key}) = 1"
            )
        con.execute("drop table found")


def judged(home: Path) -> pl.DataFrame:
    with open_build(home) as con:
        return con.execute("select * from judged.fct_indicator").pl().sort(KEY)


def published(home: Path) -> pl.DataFrame:
    found = DeltaTable(str(home / "lake" / "published" / "fct_indicator_revision"))
    rows = pl.DataFrame(pl.from_arrow(found.to_pyarrow_table()))
    return rows.sort("revision_no", *KEY)


def spoil(con: duckdb.DuckDBPyConnection, random: Random) -> None:
    """Change, add and take away some cells, wherever they lie."""
    cells = con.execute(
        f"select {', '.join(KEY)}, numerator, denominator from marts.agg_indicator_counts"
        " where denominator is not null order by all"
    ).fetchall()
    for cell in random.sample(cells, 12):
        where = " and ".join(f"{name} = ?" for name in KEY)
        match random.choice(["more", "gone", "complete", "twin"]):
            case "more":
                con.execute(
                    "update marts.agg_indicator_counts set denominator = denominator + 2,"
                    f" population_n = population_n + 2 where {where}",
                    cell[:5],
                )
            case "gone":
                con.execute(f"delete from marts.agg_indicator_counts where {where}", cell[:5])
            case "complete":
                con.execute(
                    "update marts.agg_indicator_counts set is_complete = not is_complete"
                    f" where {where}",
                    cell[:5],
                )
            case "twin":
                con.execute(
                    "insert into marts.agg_indicator_counts select * replace ('twin' as unit_code)"
                    f" from marts.agg_indicator_counts where {where}",
                    cell[:5],
                )


def spoil_both(homes: tuple[Path, Path], seed: int) -> None:
    """The same cells of both homes."""
    for home in homes:
        with open_build(home) as con:
            spoil(con, Random(seed))


def assert_same(homes: tuple[Path, Path]) -> None:
    """One table and one record of revisions, to the last bit."""
    assert_frame_equal(judged(homes[0]), judged(homes[1]), check_exact=True)
    assert_frame_equal(published(homes[0]), published(homes[1]), check_exact=True)


def both(
    homes: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch, as_of: datetime, release: str
) -> tuple[int, int]:
    """Judge one home by what differs and the other whole; gives how many rows each wrote."""
    wrote = []
    write = table.write

    def counted(con: duckdb.DuckDBPyConnection, rows: pl.DataFrame, *more: object) -> object:
        wrote.append(len(rows))
        return write(con, rows, *more)  # type: ignore[arg-type]

    with monkeypatch.context() as patch:
        patch.setattr(table, "write", counted)
        for home, whole in zip(homes, (False, True), strict=True):
            patch.setenv("FENGQIAO_HOME", str(home))
            judge(as_of, release, whole=whole)
    return wrote[0], wrote[1]


def test_nothing_new_is_judged_in_part_and_is_the_same_table(
    homes: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    part, whole = both(homes, monkeypatch, NEXT, "r2")
    assert 0 < part < whole / 2
    assert_frame_equal(judged(homes[0]), judged(homes[1]), check_exact=True)
    assert judged(homes[0])["release_id"].unique().to_list() == ["r2"]


@pytest.mark.parametrize("seed", range(3))
def test_what_differs_judged_alone_is_the_table_of_judging_all(
    homes: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    random = Random(seed)
    for day in (1, 2):
        state = random.getstate()
        for home in homes:
            random.setstate(state)
            with open_build(home) as con:
                spoil(con, random)
                if day == 2:  # a source is red today, and lit no more
                    con.execute("update marts.fct_quality_test set passed = not passed")
        part, whole = both(homes, monkeypatch, city.AS_OF + timedelta(days=day), f"r{day + 1}")
        assert part < whole
        assert_same(homes)


def test_another_limit_has_everything_judged(
    homes: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    for home in homes:
        with open_build(home) as con:
            con.execute("update marts.dim_indicator set yellow = 1 where indicator_code = 'D07'")
    part, whole = both(homes, monkeypatch, NEXT, "r2")
    assert part == whole
    assert_frame_equal(judged(homes[0]), judged(homes[1]), check_exact=True)


@pytest.mark.parametrize("lost", ["judged_from", "judged_by", "stands"])
def test_what_was_remembered_may_be_lost(
    homes: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch, lost: str
) -> None:
    spoil_both(homes, 7)
    with open_build(homes[0]) as con:
        con.execute(f"drop table judged.{lost}")
    both(homes, monkeypatch, NEXT, "r2")
    assert_same(homes)


def test_a_run_that_ended_before_its_revisions_is_made_up_for(
    homes: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    spoil_both(homes, 8)
    with monkeypatch.context() as patch:
        patch.setenv("FENGQIAO_HOME", str(homes[0]))

        def ended(*_: object) -> int:
            raise KeyboardInterrupt

        patch.setattr(revision, "append_revisions", ended)
        with pytest.raises(KeyboardInterrupt):
            judge(NEXT, "r2")
    both(homes, monkeypatch, NEXT, "r2")
    assert_same(homes)


def test_a_sum_over_peers_is_the_same_beside_other_periods() -> None:
    """What the cut rests on: each period is summed by itself, unit after unit."""
    random = np.random.default_rng(3)
    trials = random.integers(0, 40, (117, 60)).astype(np.float64)
    hits = np.floor(trials * random.random((117, 60)))
    whole = posterior.share_prior(hits, trials)
    for first in (0, 30, 47, 58):
        part = posterior.share_prior(hits[:, first:].copy(), trials[:, first:].copy())
        assert (part.mean == whole.mean[first:]).all()
        assert (part.strength == whole.strength[first:]).all()
    assert again.BACK_MONTHS > 12
