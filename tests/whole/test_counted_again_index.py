"""The towns' index scored again from published counts and the signed version, town by town.

Written from the rules of the index, with plain sums and loops: nothing of the judging step is
imported but the numbers it published.
"""

from __future__ import annotations

import csv
import io
from collections import defaultdict
from dataclasses import dataclass
from datetime import timedelta
from math import exp, inf, log
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import polars as pl
import pytest
from rich.console import Console

from orchestration.explain import explain, render
from orchestration.judging.index.report import report
from tests.whole.recount import RUN_TIME, TODAY, agree, rows, town_or_none

ITEMS = Path("dbt_project/seeds/seed_index_item.csv")
LONGEST = 240


def counted(home: Path, code: str) -> pl.DataFrame:
    with duckdb.connect(str(home / "build/fengqiao.duckdb"), read_only=True) as con:
        return con.execute(
            "select unit_code, period_start, numerator, denominator from marts.agg_index_counts"
            " where item_code = ? and not is_running",
            [code],
        ).pl()


def month_sums(items: pl.DataFrame) -> pl.DataFrame:
    """Of rows day, good, town: sums by town and month that is over."""
    over = items.filter(pl.col("day").dt.month_end() < TODAY)
    return over.group_by(
        unit_code=town_or_none(), period_start=pl.col("day").dt.truncate("1mo")
    ).agg(numerator=pl.col("good").sum(), denominator=pl.len())


def done_in_time(frame: pl.DataFrame, end: str, due: str, now: Any) -> pl.DataFrame:
    """Reading 17: an item enters when it is done in time or its deadline has passed."""
    done = pl.when(pl.col(end) <= now).then(pl.col(end))
    marked = frame.filter(pl.col(due).is_not_null()).with_columns(
        good=(done <= pl.col(due)).fill_null(False), day=pl.col(due).cast(pl.Date)
    )
    return marked.filter(pl.col("good") | (pl.col(due) < now))


def test_days_of_exceedance(city_home: Path) -> None:
    days = rows("P22").filter((pl.col("data_flag") == "N") & (pl.col("stat_date") <= TODAY))
    mine = month_sums(days.with_columns(day="stat_date", good=pl.col("exceed_times") > 0))
    agree(mine, counted(city_home, "X01"), "numerator", "denominator")


def test_complaints_in_time(city_home: Path) -> None:
    known = rows("P23").filter(pl.col("complaint_time") <= RUN_TIME)
    mine = month_sums(done_in_time(known, "finish_time", "due_time", RUN_TIME))
    agree(mine, counted(city_home, "X02"), "numerator", "denominator")


def test_food_cases_in_ninety_days(city_home: Path) -> None:
    food = rows("F08").filter(
        (pl.col("case_domain") == "16") & (pl.col("file_date") <= TODAY)
    ).with_columns(
        due=pl.col("file_date") + pl.duration(days=90 + pl.col("suspend_days").fill_null(0)),
        decide_date=pl.when(pl.col("decide_date") <= TODAY).then("decide_date"),
        close_date=pl.when(pl.col("close_date") <= TODAY).then("close_date"),
        transfer_date=pl.when(pl.col("transfer_date") <= TODAY).then("transfer_date"),
    )  # fmt: skip
    kept = food.filter(
        pl.col("transfer_date").is_null() | (pl.col("transfer_date") > pl.col("due"))
    ).with_columns(done=pl.min_horizontal("decide_date", "close_date"))
    mine = month_sums(done_in_time(kept, "done", "due", TODAY))
    agree(mine, counted(city_home, "X03"), "numerator", "denominator")


def test_wages_paid_in_time(city_home: Path) -> None:
    ordered = rows("P38").filter(pl.col("order_pay_date") <= TODAY)
    mine = month_sums(done_in_time(ordered, "paid_date", "order_due", TODAY))
    agree(mine, counted(city_home, "X04"), "numerator", "denominator")


@dataclass
class Value:
    """An item of a town: its shrunk value, and whether it came from elsewhere."""

    shrunk: float
    inherited: bool


class Scorer:
    """One month of one card, recomputed."""

    def __init__(self, home: Path, month: Any) -> None:
        self.month = month
        with duckdb.connect(str(home / "build/fengqiao.duckdb"), read_only=True) as con:
            self.counts = con.execute(
                "select indicator_code, unit_level, unit_code, window_kind, period_start,"
                " period_end, numerator, denominator, stat_value, population_n"
                " from marts.agg_indicator_counts"
                " where is_complete and not is_provisional and not is_running"
                " union all select item_code, unit_level, unit_code, window_kind, period_start,"
                " period_end, numerator, denominator, stat_value, population_n"
                " from marts.agg_index_counts where not is_running"
            ).fetchall()
            self.durations = con.execute(
                "select unit_code, days_upto, rows_n, period_end from marts.agg_duration_days"
                " where indicator_code = 'D12' and unit_level = 'town'"
            ).fetchall()
            self.towns = {
                t: (kind, pop / 10_000)
                for t, kind, pop in con.execute(
                    "select unit_code, town_type, population from marts.dim_unit"
                    " where unit_level = 'town' and unit_code <> 'unassigned'"
                ).fetchall()
            }
            self.station = dict(
                con.execute(
                    "select unit_town, min(station_code) from marts.int_station_town group by 1"
                ).fetchall()
            )

    def age(self, day: Any) -> int:
        """Whole months from a period's end to the scored month."""
        return (self.month.year - day.year) * 12 + self.month.month - day.month

    def sums(self, code: str, level: str) -> dict[str, list[float]]:
        """By unit: numerator, denominator, squares, population, newest age, all over a year."""
        mine = [r for r in self.counts if r[0] == code and r[1] == level]
        window = "month" if any(r[3] == "month" for r in mine) else "quarter"
        found: dict[str, list[float]] = defaultdict(lambda: [0.0, 0.0, 0.0, 0.0, 99.0])
        for _, _, unit, kind, _, end, num, den, square, population in mine:
            age = self.age(end)
            if kind == window and 0 <= age < 12 and unit != "unassigned":
                each = found[unit]
                values = (num, den, square, population)
                for i, value in enumerate(values):
                    each[i] += float(value or 0.0)
                if den:
                    each[4] = min(each[4], age)
        in_year = 12 if window == "month" else 4
        return {u: [*v, in_year] for u, v in found.items()}

    def peers(self, level: str, unit: str) -> str:
        return self.towns[unit][0] if level == "town" else level

    def shares(self, code: str, level: str, amount: bool, k5: bool) -> dict[str, float]:
        sums = self.sums(code, level)
        if level == "district":
            sums.pop("330600", None)
        trials = {
            u: (v[1] ** 2 / v[2] if v[2] else 0.0) if amount else v[1] for u, v in sums.items()
        }
        hits = {u: trials[u] * v[0] / v[1] if v[1] else 0.0 for u, v in sums.items()}
        if not amount:
            hits = {u: v[0] for u, v in sums.items()}
        known = {}
        for group in {self.peers(level, u) for u in sums}:
            members = [u for u in sums if self.peers(level, u) == group]
            mu, s = beta_prior([(hits[u], trials[u]) for u in members])
            for u in members:
                if trials[u] > 0 and not (k5 and sums[u][3] < 5):
                    share = 100 * (hits[u] + mu * s) / (trials[u] + s)
                    known[u] = float(np.round(share, 2)) if k5 else share
        return known

    def rates(self, code: str, level: str) -> dict[str, float]:
        sums = self.sums(code, level)
        return self.shrunk_rates(level, {u: (v[0], v[1] / v[5]) for u, v in sums.items()})

    def stock(self, code: str) -> dict[str, float]:
        now = {
            r[2]: float(r[6])
            for r in self.counts
            if r[0] == code and r[1] == "town" and r[3] == "stock" and self.age(r[5]) == 0
            and (r[5] + timedelta(days=1)).day == 1
        }  # fmt: skip
        data = {t: (now.get(t, 0.0), heads) for t, (_, heads) in self.towns.items()}
        return self.shrunk_rates("town", data)

    def shrunk_rates(self, level: str, data: dict[str, tuple[float, float]]) -> dict[str, float]:
        known = {}
        for group in {self.peers(level, u) for u in data}:
            members = [u for u in data if self.peers(level, u) == group]
            a, b = gamma_prior([data[u] for u in members])
            for u in members:
                y, e = data[u]
                if e > 0:
                    known[u] = (y + a) / (e + b)
        return known

    def medians(self) -> dict[str, float]:
        days: dict[str, dict[int, int]] = {t: defaultdict(int) for t in self.towns}
        for unit, upto, n, end in self.durations:
            if unit in days and 0 <= self.age(end) < 12:
                days[unit][min(upto, LONGEST + 1)] += n
        within = {t: np.cumsum([d[i] for i in range(LONGEST + 2)]) for t, d in days.items()}
        known = {}
        for group in {kind for kind, _ in self.towns.values()}:
            members = [t for t in self.towns if self.towns[t][0] == group]
            curve = {t: np.zeros(LONGEST + 1) for t in members}
            for day in range(LONGEST + 1):
                mu, s = beta_prior([(within[t][day], within[t][-1]) for t in members])
                for t in members:
                    curve[t][day] = (within[t][day] + mu * s) / (within[t][-1] + s)
            for t in members:
                if within[t][-1]:
                    known[t] = crossing(np.maximum.accumulate(curve[t]))
        return known

    def values(self, item: dict[str, str]) -> dict[str, Value]:
        """The item of every town that has one."""
        code, level, measure = item["item_code"], item["own_level"], item["measure"]
        match measure:
            case "stock":
                own = self.stock(code)
            case "median":
                own = self.medians()
            case "rate":
                own = self.rates(code, level)
            case _:
                own = self.shares(code, level, measure == "amount", code == "M09")
        if level == "town":
            known = {t: Value(own[t], False) for t in self.towns if t in own}
            if item["fallback_level"]:
                helped = self.shares(code, "district", False, False)
                for t in self.towns:
                    if t not in known and t[:6] in helped:
                        known[t] = Value(helped[t[:6]], True)
            return known
        fresh = {u for u, v in self.sums(code, level).items() if v[4] < 3}
        source = {
            "district": lambda t: t[:6],
            "station": self.station.get,
            "city": lambda _: "330600",
        }[level]
        return {
            t: Value(own[str(source(t))], True)
            for t in self.towns
            if source(t) in own and source(t) in fresh
        }


def beta_prior(data: list[tuple[float, float]]) -> tuple[float, float]:
    """mu and s of a peer group by moments, 1 <= s <= 1e5 and no more than all its items."""
    total = sum(n for _, n in data)
    used = [(x, n) for x, n in data if n > 0]
    if len(used) < 3:
        return 0.5, 1.0
    mu = (sum(x for x, _ in used) + 0.5) / (total + 1)
    spread = sum(n * (x / n - mu) ** 2 for x, n in used) / (mu * (1 - mu))
    effective = total - sum(n * n for _, n in used) / total
    k = len(used) - 1
    # Units of one item each tell nothing of how units differ, unless they differ too much.
    room = effective - k
    overlap = (spread - k) / room if room else inf * np.sign(spread - k)
    s = 1 / overlap - 1 if overlap > 0 else 1e5
    return mu, max(1.0, min(max(1.0, min(s, 1e5)), total))


def gamma_prior(data: list[tuple[float, float]]) -> tuple[float, float]:
    """a and b of a peer group by Marshall's global moments."""
    used = [(y, e) for y, e in data if e > 0]
    total = sum(e for _, e in used)
    if len(used) < 3:
        return 0.5, 0.0
    r = sum(y for y, _ in used) / total
    s2 = sum(e * (y / e - r) ** 2 for y, e in used) / total - r / (total / len(used))
    s2 = max(s2, 1e-18)
    return (r * r / s2, r / s2) if r > 0 else (0.5, 0.0)


def crossing(curve: np.ndarray) -> float:
    """Where a rising curve over days reaches one half."""
    for day, high in enumerate(curve):
        if high >= 0.5:
            if day == 0:
                return 0.0
            low = curve[day - 1]
            return day - 1 + (0.5 - low) / (high - low)
    return float(LONGEST)


def test_every_town_scored_again(city_home: Path) -> None:
    with duckdb.connect(str(city_home / "build/fengqiao.duckdb"), read_only=True) as con:
        published = con.execute(
            "select unit_code, period_start, score, inherited_share, why_not_zh"
            " from judged.fct_index where card = 'TOWN' order by period_start"
        ).fetchall()
    assert published, "the small city has no scored month"
    month = published[-1][1]
    mine = score_all(Scorer(city_home, month))
    theirs = {r[0]: r for r in published if r[1] == month}
    assert mine.keys() == theirs.keys()
    assert sum(score is not None for score, _ in mine.values()) > 5, "too few have a score"
    for town, (score, inherited) in mine.items():
        assert theirs[town][3] == pytest.approx(inherited, abs=1e-9), town
        assert (theirs[town][2] is None) == (score is None), (town, theirs[town][4])
        if score is not None:
            assert theirs[town][2] == pytest.approx(score, abs=1e-7), town


def test_a_score_is_explained_by_bars_that_add_up(city_home: Path) -> None:
    with duckdb.connect(str(city_home / "build/fengqiao.duckdb"), read_only=True) as con:
        department = con.execute(
            "select unit_code from judged.fct_index_item where card = 'DEPT' and weight > 0"
            " and period_start = (select max(period_start) from judged.fct_index"
            "   where card = 'DEPT' and is_official)"
            " and unit_code in (select unit_code from judged.fct_index where card = 'DEPT'"
            "   and is_official and score is not null"
            "   qualify period_start = max(period_start) over ())"
            " group by 1 order by count(*) desc, 1 limit 1"
        ).fetchall()[0][0]
    found = explain("S02", unit=department, rows_limit=50)
    assert found.agrees
    assert found.rows_n == len(found.rows) > 2
    points = [row.facts["contribution_peer"] for row in found.rows]
    assert points == sorted(points)
    console = Console(width=220, record=True, file=io.StringIO())
    console.print(render(found))
    text = console.export_text()
    assert "得分瀑布" in text
    assert "各条相加等于与同类中位数之差" in text


def test_the_gate_is_reported_for_whoever_signs(city_home: Path) -> None:
    """Six weeks of data score a fifth of the towns: no version is published on that."""
    towns, departments = report("TOWN"), report("DEPT")
    assert "换档" in towns.state["stopped"]
    assert departments.state["stopped"] == ""
    assert towns.state["consistency_ratio"] == pytest.approx(0.0021, abs=1e-4)
    assert {"weights=equal", "window=6", "left_out=D09"} <= {c["choice"] for c in towns.compared}
    for found in (towns, departments):
        assert all(v["alone"] <= v["with_others"] + 1e-9 for v in found.variance)
    with duckdb.connect(str(city_home / "build/fengqiao.duckdb"), read_only=True) as con:
        shown = con.execute(
            "select indicator_code, count(*) > 0 from judged.fct_indicator"
            " where indicator_code in ('S01', 'S02') group by 1"
        ).fetchall()
    assert shown == [("S02", True)]


def score_all(scorer: Scorer) -> dict[str, tuple[float | None, float]]:
    """By town: score or none, and the part of the weight that is inherited."""
    signed = rows("R03").filter(pl.col("card") == "TOWN")
    weight = {
        (r["dim_code"], r["item_code"]): r["weight"]
        for r in signed.filter(pl.col("row_kind") == "W").to_dicts()
    }
    goal = {
        r["item_code"]: (r["goal_lo"], r["goal_hi"])
        for r in signed.filter(pl.col("row_kind") == "G").to_dicts()
    }
    with ITEMS.open(encoding="utf-8") as lines:
        items = [r for r in csv.DictReader(lines) if r["card"] == "TOWN"]
    values = {i["item_code"]: scorer.values(i) for i in items}
    dimensions = sorted({i["dim_code"] for i in items})
    whole = sum(weight[d, "-"] for d in dimensions)
    made: dict[str, tuple[float | None, float]] = {}
    for town in scorer.towns:
        logs, inherited, thin, seen = 0.0, 0.0, False, 0.0
        for d in dimensions:
            of = [i["item_code"] for i in items if i["dim_code"] == d]
            have = [c for c in of if town in values[c]]
            present = sum(weight[d, c] for c in have)
            thin |= present < 0.6 - 1e-9
            if not have:
                continue
            mean = 0.0
            w = weight[d, "-"] / whole
            seen += w
            for c in have:
                low, high = goal[c]
                score = min(100.0, max(0.0, 100 * (values[c][town].shrunk - low) / (high - low)))
                mean += weight[d, c] / present * score
                inherited += w * weight[d, c] / present * values[c][town].inherited
            logs += w * log(max(mean, 1.0) / 100)
        inherited /= seen or 1.0
        total = None if thin or inherited > 0.4 else 100 * exp(logs)
        made[town] = (total, inherited)
    return made
