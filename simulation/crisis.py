"""Scenario `crisis`: incidents planted in a city that is otherwise as published.

Each has a place, a beginning, a strength and an answer: the indicator and unit that must turn
red, and that no other town of the indicator may. `truth/incidents.csv` lists them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import polars as pl

from simulation.world import Floats, Ints, World, day_number

CRISIS = "crisis"


@dataclass(frozen=True)
class Incident:
    """What happens in one town: from so many days before the world's end, for so many days.

    `share`: the share that fails then (`factor`: how many times as much happens). Answers: the
    light of the indicator at the town in the newest final month.
    """

    name: str
    label_zh: str
    indicator_code: str
    town_code: str
    days_before_end: int
    days: int
    share: float | None = None
    factor: float | None = None

    def begins(self, world: World) -> date:
        return world.end - timedelta(days=self.days_before_end)

    def ends(self, world: World) -> date:
        """Last day, inclusive."""
        return min(world.end, self.begins(world) + timedelta(days=self.days - 1))


INCIDENTS = (
    Incident("hotline_collapse", "热线承办积压", "D07", "330602004000", 150, 150, share=0.45),
    Incident("disputes_unsettled", "矛盾纠纷久拖不决", "D09", "330681104000", 300, 220, share=0.55),
    Incident("grid_walkout", "网格事件无人处置", "U06", "330624104000", 45, 45, share=0.40),
    Incident("station_thinned", "派出所警力抽调", "P02", "330683103000", 75, 75, share=0.50),
    Incident("crime_wave", "侵财案件高发", "P01", "330603005000", 120, 120, factor=6.0),
)
# An agency that falls silent: its deliveries of the last days never come.
SILENT_FEED, SILENT_DAYS = "P37", 6


def incident(world: World, indicator_code: str) -> Incident | None:
    """The incident of an indicator in this world, if there is a crisis."""
    if world.scenario != CRISIS:
        return None
    return next((i for i in INCIDENTS if i.indicator_code == indicator_code), None)


def _struck(world: World, what: Incident, town: Ints, day: Ints) -> np.ndarray:
    codes = world.towns["town_code"].to_list()
    place = codes.index(what.town_code)
    first, last = day_number(what.begins(world)), day_number(what.ends(world))
    return np.asarray((town == place) & (day >= first) & (day <= last))


def failing(world: World, indicator_code: str, town: Ints, day: Ints, chance: Floats) -> Floats:
    """The chance of failing of each matter (town, day), raised where an incident strikes."""
    what = incident(world, indicator_code)
    if what is None or what.share is None:
        return chance
    return np.where(_struck(world, what, town, day), what.share, chance)


def happening(world: World, indicator_code: str, town: Ints, day: Ints) -> Floats:
    """How many times as much happens in each town on each day; 1 without an incident."""
    what = incident(world, indicator_code)
    ones = np.ones(np.broadcast(town, day).shape)
    if what is None or what.factor is None:
        return ones
    return np.where(_struck(world, what, town, day), what.factor, ones)


def is_silent(world: World, feed: str, period_end: date) -> bool:
    """Whether an agency's file never comes."""
    recent = period_end > world.end - timedelta(days=SILENT_DAYS)
    return world.scenario == CRISIS and feed == SILENT_FEED and recent


def answers(world: World) -> pl.DataFrame:
    """The incidents of this world: what was planted where and when, and what must be seen."""
    rows = [
        {
            "incident": i.name,
            "label_zh": i.label_zh,
            "indicator_code": i.indicator_code,
            "unit_level": "town",
            "unit_code": i.town_code,
            "begins": i.begins(world).isoformat(),
            "ends": i.ends(world).isoformat(),
            "expected": "R",
        }
        for i in INCIDENTS
    ]
    silent = {
        "incident": "agency_silent",
        "label_zh": "隐患数据断供",
        "indicator_code": "",
        "unit_level": "feed",
        "unit_code": SILENT_FEED,
        "begins": (world.end - timedelta(days=SILENT_DAYS - 1)).isoformat(),
        "ends": world.end.isoformat(),
        "expected": "late",
    }
    return pl.DataFrame([*rows, silent]) if world.scenario == CRISIS else pl.DataFrame()
