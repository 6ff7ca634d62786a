"""Scenario crisis: what was planted is there, nothing else is, and the lights find it."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from orchestration.judging.lights import RED_BEYOND, scored_rows
from orchestration.judging.panel import make_panel
from orchestration.judging.shares import judge_shares
from simulation import crisis
from simulation.city import build
from simulation.deliveries import Ground, Manifest
from simulation.dirt import Truth
from simulation.disputes import Disputes
from simulation.hotline import Hotline
from simulation.neighbourhood.grid import Grid
from simulation.police import Police
from simulation.projects.projects import Projects
from simulation.shared import Shared
from simulation.truth import disputes_resolved, hotline_on_time
from simulation.world import World, day_number

START, END = date(2025, 10, 1), date(2026, 10, 30)


def world(scenario: str = crisis.CRISIS, seed: int = 8) -> World:
    return World(seed, START, END, 1.0, scenario)


def of(code: str) -> crisis.Incident:
    return next(i for i in crisis.INCIDENTS if i.indicator_code == code)


def reds(rates: pl.DataFrame, yellow: float, red: float, last: date) -> set[str]:
    """Towns whose light is red in the month, judged from the true counts."""
    town = rates.filter((pl.col("unit_level") == "town") & (pl.col("unit_code") != "unassigned"))
    rows = town.select(
        "unit_code",
        "numerator",
        "denominator",
        window_kind=pl.lit("month"),
        period_start=(pl.col("period_label") + "-01").str.to_date(),
        is_complete=pl.lit(True),
        is_provisional=pl.lit(False),
        is_running=pl.lit(False),
    ).sort("unit_code", "period_start")
    verdict = judge_shares(make_panel(rows, {}), scored_rows(rows), yellow, red, True, False)
    lit = np.asarray(verdict.p_red) > RED_BEYOND
    return set(rows.filter(pl.Series(lit) & (pl.col("period_start") == last))["unit_code"])


def test_the_hotline_that_collapsed_is_red_and_no_good_town_is() -> None:
    city = world()
    rates = hotline_on_time(city, Hotline(city))
    found = reds(rates, 98, 95, date(2026, 9, 1))
    assert of("D07").town_code in found
    true = (
        rates.filter(pl.col("unit_level") == "town")
        .group_by("unit_code")
        .agg(pl.col("true_rate").mean())
    )
    wrong = true.filter(pl.col("unit_code").is_in(list(found)) & (pl.col("true_rate") > 96))
    assert wrong.rows() == []
    calm = world("as-published")
    assert of("D07").town_code not in reds(
        hotline_on_time(calm, Hotline(calm)), 98, 95, date(2026, 9, 1)
    )


def test_disputes_that_drag_on_are_red() -> None:
    city = world()
    rates = disputes_resolved(city, Disputes(city), pl.Series([], dtype=pl.String))
    last = pl.Series(rates["period_label"]).max()
    assert isinstance(last, str)
    month = date.fromisoformat(f"{last}-01")
    assert of("D09").town_code in reds(rates, 97, 93, month)


def test_a_wave_of_crime_is_a_wave() -> None:
    city, calm = world(), world("as-published")
    what = of("P01")
    place = city.towns["town_code"].to_list().index(what.town_code)

    def criminal(w: World) -> int:
        cells = Police(w).calls.filter(
            (pl.col("kind") == 0)
            & (pl.col("town") == place)
            & (pl.col("day") >= day_number(what.begins(w)))
        )
        return int(cells["call_n"].sum())

    assert 4 < criminal(city) / criminal(calm) < 8


def test_nobody_comes_to_the_grid_events_of_one_town() -> None:
    city = world()
    events = Grid(city, Projects(city)).events
    place = city.towns["town_code"].to_list().index(of("U06").town_code)
    struck = (pl.col("town") == place) & (
        pl.col("report") // 86_400 >= day_number(of("U06").begins(city))
    )
    late = events.with_columns(late=pl.col("finish") > pl.col("due"))
    assert 0.3 < late.filter(struck)["late"].mean() < 0.5  # type: ignore[operator]
    assert late.filter(~struck)["late"].mean() < 0.03  # type: ignore[operator]


def test_an_agency_falls_silent_and_the_answers_are_written(tmp_path: Path) -> None:
    small = World(8, date(2026, 9, 1), END, 0.05, crisis.CRISIS)
    (tmp_path / "api").mkdir()
    ground = Ground(small, 0.0, Manifest(tmp_path), Truth())
    from simulation.agencies import deliver

    deliver(ground, Shared(small))
    ends = [
        line["period_end"]
        for line in ground.manifest.lines
        if line["feed_code"] == crisis.SILENT_FEED
    ]
    assert max(str(e) for e in ends) < "2026-10-25"
    told = crisis.answers(small)
    assert set(told["expected"]) == {"R", "late"}
    assert set(told["indicator_code"]) >= {"D07", "D09", "U06", "P02", "P01"}


def test_a_scenario_that_is_none_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="as-published or crisis"):
        build(out=tmp_path / "x", scenario="panic", quiet=True)
