"""R08: two different people sign, only their offices land, and the simulation leaves drafts."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import polars as pl
import pytest

from ingestion import places
from ingestion.contract import load
from ingestion.lake.logs import read_log
from ingestion.lake.tables import feed_path, opened
from orchestration.run.intake import take_all
from simulation.index.releases import rows
from simulation.world import World

PARTY, DATA = "11330600XN00000129", "11330600XN00000391"
HEAD = "记录编号,发布内容,期初,期末,版本,签发单位,签发人,复核单位,复核人,发布时间"
RIGHT = f"FB1,02,2026-10-12,2026-10-18,r1,{PARTY},赵龑垚,{DATA},钱翃堃,2026-10-19 15:00:00"

OTHER = RIGHT.replace("FB1", "FB2")


def deliver(*lines: str) -> pl.DataFrame:
    """Lay the lines into the inbox and take them in; gives what landed."""
    inbox = places.inbox() / "R08"
    inbox.mkdir(parents=True)
    (inbox / "R08_20261019.csv").write_text("\n".join([HEAD, *lines, ""]), encoding="utf-8")
    taken = take_all({"R08"})
    assert not taken.failures
    return pl.DataFrame(pl.from_arrow(opened(feed_path(load("R08"))).to_pyarrow_table()))


@pytest.mark.parametrize(
    ("broken", "rule"),
    [
        (OTHER.replace("钱翃堃", "赵龑垚"), "two_signatories"),
        (OTHER.replace("钱翃堃", ""), "required"),
        (OTHER.replace("2026-10-19 15", "2026-10-18 15"), "released_after_period"),
        (OTHER.replace(",02,", ",09,"), "code"),
    ],
)  # fmt: skip
def test_a_record_that_two_have_not_signed_is_none(home: Path, broken: str, rule: str) -> None:
    landed = deliver(RIGHT, broken)
    assert landed["record_code"].to_list() == ["FB1"]
    assert rule in read_log("quarantine", feed_code="R08")["rule"].to_list()


def test_offices_land_and_names_do_not(home: Path) -> None:
    landed = deliver(RIGHT)
    assert landed.select("first_org_code", "second_org_code").row(0) == (PARTY, DATA)
    assert not [c for c in landed.columns if c.endswith("_name")]
    assert "龑" not in str(landed.to_dicts())


def test_the_simulated_city_releases_the_past_and_leaves_the_newest_a_draft() -> None:
    told = rows(World(1, date(2025, 10, 1), date(2026, 10, 30), 1.0))
    newest = dict(told.group_by("release_kind").agg(pl.col("period_end").max()).iter_rows())
    assert newest == {
        "01": date(2026, 8, 31), "02": date(2026, 10, 18), "03": date(2026, 8, 31),
    }  # fmt: skip
    assert (told["first_name"] != told["second_name"]).all()
    assert (told["released_time"].dt.date() > told["period_end"]).all()
    # The index of August waits for the workdays 14 to 18 September; the Sunday after is one.
    august = told.filter(period_start=date(2026, 8, 1), release_kind="01")["released_time"]
    assert august.dt.date().to_list() == [date(2026, 9, 20)]
    # A version signed in January says nothing of the months before.
    assert told.filter(pl.col("release_kind") == "01")["period_start"].min() == date(2026, 2, 1)
