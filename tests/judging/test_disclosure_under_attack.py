"""A linear program over everything published narrows no hidden cell (DP-07, DP-08)."""

from __future__ import annotations

from typing import Any

import duckdb
import numpy as np
import numpy.typing as npt
import polars as pl
import pytest

from ingestion.contract import load
from orchestration.judging import suppression
from tests.golden.conftest import Golden
from tests.judging.attack import BUCKET, System, ranges

BASES = {
    "k5": ("numerator",),
    "k10": ("numerator", "complement"),
    "k10_below_city": ("numerator",),
}
PERIOD = {"indicator_code": "X", "window_kind": "month", "period_start": "2026-09-01"}
SIZES = [0, 1, 2, 4, 6, 9, 12, 40, 300]


def random_tree(seed: int, towns: bool) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Counts of a small city, consistent over its levels, and its units.

    Districts with towns, something that lies in no town, a bucket, and the same city by projects.
    """
    chance = np.random.default_rng(seed)
    cells: dict[tuple[str, str], npt.NDArray[np.float64]] = {}

    def add(level: str, unit: str, counts: npt.NDArray[np.float64]) -> None:
        cells[level, unit] = cells.get((level, unit), np.zeros(2)) + counts

    for d in range(int(chance.integers(2, 5))):
        if not towns:  # every district has a row, if it counts nothing
            add("district", f"d{d}", np.zeros(2))
            add("city", "city", np.zeros(2))
        for t in range(int(chance.integers(1, 7))):
            size = int(chance.poisson(chance.choice(SIZES)))
            if size == 0 and chance.random() < 0.7:
                continue  # counts do not appear where there is nothing
            rest = t == 0 and chance.random() < 0.3
            hits = int(chance.binomial(size, chance.choice([0.05, 0.6, 0.97, 1.0])))
            counts = np.array([hits, size], dtype=float)
            placeless = rest and chance.random() < 0.5
            add("city", "city", counts)
            add("district", BUCKET if placeless else f"d{d}", counts)
            if towns:
                add("town", BUCKET if rest else f"d{d}t{t}", counts)
                add("project", f"p{int(chance.integers(0, 6))}", counts)
    rows = [{"unit_level": lv, "unit_code": u, "numerator": c[0], "denominator": c[1]}
            for (lv, u), c in cells.items()]  # fmt: skip
    units = [
        {
            "unit_level": lv,
            "unit_code": u,
            "parent_level": "district" if lv == "town" and u != BUCKET else "city",
            "parent_code": u[:2] if lv == "town" and u != BUCKET else "city",
        }
        for lv, u in cells
        if lv != "city"
    ]
    names = ["unit_level", "unit_code", "parent_level", "parent_code"]
    return (
        pl.DataFrame(rows, schema_overrides={"numerator": pl.Float64, "denominator": pl.Float64}),
        pl.DataFrame(units, schema=dict.fromkeys(names, pl.String)),
    )


def published(cells: pl.DataFrame, units: pl.DataFrame, disclosure: str) -> pl.DataFrame:
    """The cells as suppression leaves them, with the true counts beside them."""
    rows = cells.with_columns(pl.lit(v).alias(k) for k, v in PERIOD.items())
    if disclosure != "k10":  # a plain count: hidden by population_n
        rows = rows.with_columns(
            numerator="denominator", denominator=pl.lit(None, pl.Float64),
            population_n=pl.col("denominator").cast(pl.Int64), stat_value="denominator",
        )  # fmt: skip
    marked = suppression.mark(rows, disclosure, units)
    truth = rows.select(
        "unit_level", "unit_code", pl.col("numerator").alias("true_numerator"),
        (pl.col("denominator") - pl.col("numerator")).alias("true_complement"),
    )  # fmt: skip
    return suppression.hide(marked, disclosure).join(truth, on=["unit_level", "unit_code"])


def narrowed(table: pl.DataFrame, units: pl.DataFrame, disclosure: str) -> list[str]:
    """Hidden cells of which more is known than may be, and how much."""
    least = suppression.LEAST_CELL[disclosure]
    found = []
    hidden = table.filter("suppressed")
    city = table.filter(pl.col("unit_level") == "city")
    for base in BASES[disclosure]:
        of = pl.col(base) if base == "numerator" else pl.col("denominator") - pl.col("numerator")
        true = {(r[0], r[1]): r[2] for r in
                hidden.select("unit_level", "unit_code", f"true_{base}").rows()}  # fmt: skip
        known = ranges(table, units, of)
        # What the city's own number says of every part of it is no subtraction (k10_below_city).
        total = city[base][0] if disclosure == "k10_below_city" else None
        enough = least - 1 if total is None else min(least - 1, total)
        for cell, value in true.items():
            low, high = known[cell]
            small = value < least
            ok = (low <= 1e-6 and high >= enough - 1e-6) if small else high - low >= least - 1e-6
            if not ok:
                found.append(f"{base} {cell}: {value:.0f} in [{low:.2f}, {high:.2f}]")
        if disclosure != "k10_below_city":
            rests = {c: r for c, r in known.items() if c[0] == "rest"}
            found += [f"{base} {c}: {r}" for c, r in rests.items()
                      if r[1] - r[0] < 1e-6 and 0.5 < r[0] < least - 0.5]  # fmt: skip
    return found


@pytest.mark.parametrize("disclosure", ["k5", "k10", "k10_below_city"])
def test_no_hidden_cell_of_a_random_city_can_be_narrowed(disclosure: str) -> None:
    hidden_n, shown_n = 0, 0
    for seed in range(120):
        cells, units = random_tree(seed, towns=disclosure == "k5")
        if cells.is_empty():
            continue
        table = published(cells, units, disclosure)
        hidden_n += int(table["suppressed"].sum())
        shown_n += int((~table["suppressed"]).sum())
        assert narrowed(table, units, disclosure) == [], f"seed {seed}\n{table}"
    assert hidden_n > 100 and shown_n > 50, "else nothing was attacked"


@pytest.mark.parametrize("disclosure", ["k5", "k10", "k10_below_city"])
def test_the_same_cells_are_hidden_in_whatever_order_they_come(disclosure: str) -> None:
    chosen_n = 0
    for seed in range(40):
        cells, units = random_tree(seed, towns=disclosure == "k5")
        if cells.is_empty():
            continue
        # Cells as large as each other: one of them is chosen.
        tied = cells.with_columns(
            pl.when(pl.col("unit_level") == "city").then(c).otherwise((pl.col(c) / 20).ceil() * 20)
            for c in ("numerator", "denominator")
        )
        key = ["unit_level", "unit_code"]
        hidden = []
        for order in range(6):
            mixed = tied.sample(fraction=1, shuffle=True, seed=order)
            table = published(mixed, units, disclosure)
            hidden.append(table.filter("suppressed").select(key).sort(key))
        assert all(h.equals(hidden[0]) for h in hidden), seed
        chosen_n += hidden[0].height
    assert chosen_n > 20


YOUTH = [f"33060{d}" for d in range(6)]


def youth(seed: int) -> tuple[pl.DataFrame, dict[tuple[str, str, int], float]]:
    """Y02 of two months as it is published, and the persons of both years by place and month."""
    chance = np.random.default_rng(seed)
    truth: dict[tuple[str, str, int], float] = {}
    rows: list[dict[str, Any]] = []
    size = chance.choice([3, 20, 60, 400], 6)
    before, now = chance.poisson(size), chance.poisson(size * 0.82)
    for month in (8, 9):
        before, now = before + chance.poisson(size / 8), now + chance.poisson(size / 8)
        for unit, b, n in [
            ("city", before.sum(), now.sum()),
            *zip(YOUTH, before.tolist(), now.tolist(), strict=True),
        ]:
            truth["now", unit, month], truth["before", unit, month] = float(n), float(b)
            rows.append(
                {
                    "unit_level": "city" if unit == "city" else "district", "unit_code": unit,
                    "period_start": month, "numerator": float(n - b), "denominator": float(b),
                    "stat_value": 100 * (n - b) / b if b else None, "population_n": int(min(n, b)),
                }
            )  # fmt: skip
    counted = pl.DataFrame(rows, infer_schema_length=None).with_columns(
        indicator_code=pl.lit("Y02"), window_kind=pl.lit("ytd"), value=pl.col("stat_value")
    )
    units = pl.DataFrame(
        {"unit_code": YOUTH}
    ).with_columns(unit_level=pl.lit("district"), parent_level=pl.lit("city"),
                   parent_code=pl.lit("city"))  # fmt: skip
    return suppression.hide(suppression.mark(counted, "k10", units), "k10"), truth


def known_of_youth(table: pl.DataFrame) -> System:
    """City counts, and below it changes to one decimal; a year's persons only grow in number."""
    system = System()
    for row in table.to_dicts():
        if row["unit_code"] == "city" and row["denominator"] is not None:
            month = row["period_start"]
            system.known["now", f"city {month}"] = row["numerator"] + row["denominator"]
            system.known["before", f"city {month}"] = row["denominator"]
    for year in ("now", "before"):
        for month in (8, 9):
            parts = [(1.0, (year, f"{unit} {month}")) for unit in YOUTH]
            system.state([*parts, (-1.0, (year, f"city {month}"))])
        for unit in YOUTH:  # August is at most September
            system.state([(1.0, (year, f"{unit} 8")), (-1.0, (year, f"{unit} 9"))], at_most=0.0)
    for row in table.filter(pl.col("unit_code") != "city").to_dicts():
        if row["value"] is not None:
            place = f"{row['unit_code']} {row['period_start']}"
            for sign in (1.0, -1.0):  # |100 (now - before) - value before| <= 0.05 before
                edge = 100 + row["value"] + sign * 0.05
                system.state(
                    [(sign * 100, ("now", place)), (-sign * edge, ("before", place))], at_most=0.0
                )
    return system


def test_a_year_to_date_tells_no_month_of_a_district() -> None:
    """Y02: the to-date count is shown for the city only, so no month follows from two of them."""
    hidden_n = 0
    for seed in range(25):
        table, _ = youth(seed)
        below = table.filter(pl.col("unit_level") == "district")
        assert below["numerator"].is_null().all() and below["denominator"].is_null().all()
        assert below["value"].drop_nulls().round(1).equals(below["value"].drop_nulls())
        if table.filter(pl.col("unit_level") == "city")["suppressed"].any():
            continue
        system = known_of_youth(table)
        for unit in YOUTH:
            hidden = below.filter((pl.col("unit_code") == unit) & (pl.col("period_start") == 9))
            low, high = system.range_of([(1.0, ("now", f"{unit} 9")), (-1.0, ("now", f"{unit} 8"))])
            month = system.range_of([(1.0, ("now", f"{unit} 9"))])
            if hidden["suppressed"].item():
                hidden_n += 1
                assert month[0] <= 1e-6 and month[1] >= 9, f"seed {seed} {unit}: {month}"
            assert low <= 1e-6 and high >= 9, f"seed {seed} {unit}: a month in [{low}, {high}]"
    assert hidden_n > 5


def judged(golden: Golden) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The judged table of the golden city, and its registry."""
    with duckdb.connect(str(golden.database), read_only=True) as con:
        return (
            con.execute("select * from judged.fct_indicator").pl(),
            con.execute("select * from marts.dim_indicator").pl(),
        )


def test_rates_of_health_and_youth_have_thirty_behind_them(golden: Golden) -> None:
    table, registry = judged(golden)
    k10 = table.join(registry.filter(pl.col("disclosure") == "k10"), on="indicator_code")
    shown = k10.filter(~pl.col("suppressed"))
    assert len(shown) > 10
    shares = shown.filter(pl.col("light_rule") == "posterior_share")
    for small in (
        pl.col("numerator") < 10,
        pl.col("denominator") - pl.col("numerator") < 10,
        pl.col("denominator") < 30,
    ):
        assert shares.filter(small).is_empty()
    assert shown.filter(pl.col("is_running")).is_empty(), "day by day it would tell cases"
    assert k10.filter(pl.col("suppressed"))["value"].is_null().all()


@pytest.mark.parametrize(("denominator", "hidden"), [(29.0, True), (30.0, False)])
def test_thirty_is_enough_and_twenty_nine_is_not(denominator: float, hidden: bool) -> None:
    rows = pl.DataFrame(
        {**PERIOD, "unit_level": "city", "unit_code": "city", "numerator": 15.0,
         "denominator": denominator}
    )  # fmt: skip
    units = pl.DataFrame(
        schema=dict.fromkeys(["unit_level", "unit_code", "parent_level", "parent_code"], pl.String)
    )
    assert suppression.mark(rows, "k10", units)["suppressed"].to_list() == [hidden]


def test_k10_is_published_in_one_window_and_never_below_a_district(golden: Golden) -> None:
    table, registry = judged(golden)
    k10 = registry.filter(pl.col("disclosure").str.starts_with("k10"))
    assert len(k10) == 16
    assert not k10["window_kinds"].str.contains(";").any()
    assert set(k10["unit_levels"].str.split(";").explode()) == {"district", "city"}
    shown = table.join(k10, on="indicator_code")
    assert len(shown) > 20
    assert (shown["window_kind"] == shown["window_kinds"]).all()
    own = shown.filter(pl.col("rolling_denominator").is_not_null())
    assert (own["rolling_denominator"] == own["denominator"]).all(), "a rolling sum is a second"


def test_k5_shows_no_rolling_sum_and_no_running_period_below_the_city(golden: Golden) -> None:
    table, registry = judged(golden)
    k5 = table.join(registry.filter(pl.col("disclosure") == "k5"), on="indicator_code")
    assert len(k5) > 5
    assert k5["rolling_numerator"].is_null().all() and k5["rolling_denominator"].is_null().all()
    running = k5.filter(pl.col("is_running") & (pl.col("unit_level") != "city"))
    assert running["suppressed"].all()
    for name in ("p_yellow", "p_red", "value_shrunk", "interval_low", "interval_high"):
        exact = k5[name].drop_nulls()
        assert (exact == exact.round(2)).all(), f"{name} would solve for a hidden month"


def test_a_change_never_stands_on_a_hidden_value(golden: Golden) -> None:
    table, registry = judged(golden)
    ours = table.join(registry.filter(pl.col("disclosure") != "none"), on="indicator_code")
    key = ["indicator_code", "unit_level", "unit_code", "window_kind"]
    hidden = ours.filter(pl.col("suppressed")).select(*key, "period_start")
    for name, months in (("change_month", 1), ("change_year", 12)):
        told = ours.filter(pl.col(name).is_not_null()).with_columns(
            period_start=pl.col("period_start").dt.offset_by(f"-{months}mo")
        )
        assert told.join(hidden, on=[*key, "period_start"], how="semi").is_empty()


def test_the_golden_city_withstands_the_attack(golden: Golden) -> None:
    table, registry = judged(golden)
    with duckdb.connect(str(golden.database), read_only=True) as con:
        units = con.execute("select * from marts.dim_unit").pl()
    attacked = 0
    for entry in registry.filter(pl.col("disclosure").str.starts_with("k10")).to_dicts():
        cells = table.filter(pl.col("indicator_code") == entry["indicator_code"])
        for _, period in cells.group_by("period_start"):
            if not period["suppressed"].any() or entry["indicator_code"] == "Y02":
                continue
            city = period.filter(pl.col("unit_level") == "city")["numerator"].to_list()
            most = 9.0
            if entry["disclosure"] == "k10_below_city" and city and city[0] is not None:
                most = min(most, city[0])
            for cell, (low, high) in ranges(period, units, pl.col("numerator")).items():
                attacked += 1
                assert low <= 1e-6 and high >= most, (entry["indicator_code"], cell, low, high)
    assert attacked > 10


def test_what_is_shown_elsewhere_gives_nothing_back(golden: Golden) -> None:
    """Totals of F15 are not served, and an alert repeats cells of H02 that are shown."""
    assert not load("F15").serve and not load("F12").serve and not load("F14").serve
    table, _ = judged(golden)
    with duckdb.connect(str(golden.database), read_only=True) as con:
        alerts = con.execute("select * from judged.fct_aggregate_alert").pl()
    key = ["indicator_code", "unit_level", "unit_code", "period_start"]
    shown = table.filter(~pl.col("suppressed")).select(*key, "numerator", "denominator")
    same = [*key, "numerator", "denominator"]
    assert len(alerts) > 0 and alerts.join(shown, on=same, how="anti").is_empty()
