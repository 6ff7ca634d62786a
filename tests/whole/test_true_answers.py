"""What the health zone counts, against the patients the simulation made.

The other true answers are compared in a city without defects (`tests/simulation`); a zone needs
runs of dbt of its own, and every row that was refused here has come right by the month's end.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path

import duckdb
import polars as pl
import pytest

from orchestration.transform.zones import build_file
from simulation.care.truth import registers
from simulation.shared import Shared
from simulation.world import World
from tests.whole.small_city import ARGUMENTS

UNIT = ["unit_level", "unit_code", "period_label"]


@pytest.fixture(scope="module")
def true() -> pl.DataFrame:
    """H01, H03 and H07 of the city of these tests, nothing hidden."""
    days = (date.fromisoformat(str(ARGUMENTS[name])) for name in ("start", "end"))
    world = World(int(ARGUMENTS["seed"]), *days, float(ARGUMENTS["scale"]))
    return registers(world, Shared(world).patients)


@pytest.mark.parametrize(("code", "each"), [("H01", 1000), ("H03", 1), ("H07", 1)])
def test_the_zone_counts_what_is_true(
    city_home: Path, true: pl.DataFrame, code: str, each: int
) -> None:
    mine = true.filter(pl.col("indicator_code") == code)
    query = (
        "select unit_level, unit_code, strftime(period_end, '%Y-%m-%d') as period_label,"
        " numerator, denominator / ? as denominator from l4.l4_health_counts"
        " where indicator_code = ? and period_end >= ?"
    )
    with duckdb.connect(str(build_file("health")), read_only=True) as con:
        counted = con.execute(query, [each, code, ARGUMENTS["start"]]).pl()
    if code == "H01":  # of the city only: its districts serve to hide
        counted = counted.filter(pl.col("unit_level") == "city")
    both = mine.join(counted, on=UNIT, how="full", suffix="_p", coalesce=True)
    apart = [
        ((pl.col(n) - pl.col(f"{n}_p")).abs() > 1e-6).fill_null(value=True)
        for n in ("numerator", "denominator")
    ]
    assert mine.height > 0
    assert both.filter(pl.any_horizontal(apart)).rows() == []
