"""True answers of the later indicators: P02 P05 P06 P09 U06 L09 H02 H04 and Y05.

The same table as `truth.py` gives: clean world, before any defect was planted. Everything is as
known at the world's end; the population is what a pull, file or message has shown by then.
"""

from __future__ import annotations

from datetime import timedelta

import polars as pl

from simulation.changes import OPEN, end_s
from simulation.directory import with_department
from simulation.policing.calls import stations
from simulation.shared import Shared
from simulation.truth import by_units, month
from simulation.units import CONTACT_LATE, VISIT_LATE
from simulation.world import DAY_S, DISTRICTS, World

RATIO = [
    pl.col("good").sum().cast(pl.Float64).alias("numerator"),
    pl.len().cast(pl.Float64).alias("denominator"),
    pl.col("rate").mean().alias("true_rate"),
]
USUAL_LIMIT_S = 600
NO_RATE = pl.lit(None, pl.Float64)
COLUMNS = ["indicator_code", "unit_level", "unit_code", "period_label"]
COLUMNS += ["numerator", "denominator", "true_rate"]


def _by(rows: pl.DataFrame, code: str, levels: dict[str, str]) -> pl.DataFrame:
    """Counts by month for each level and the column that names its units."""
    parts = [
        rows.group_by(
            pl.lit(level).alias("unit_level"), pl.col(unit).alias("unit_code"), "period_label"
        ).agg(*RATIO)
        for level, unit in {**levels, "city": "city"}.items()
    ]
    return pl.concat(parts).select(pl.lit(code).alias("indicator_code"), *COLUMNS[1:])


def _placed(world: World, rows: pl.DataFrame) -> pl.DataFrame:
    """With the codes of station, town, district and city of the column `town`."""
    known = stations(world)
    return rows.with_columns(
        station=known["station_code"].gather(rows["town"]),
        town_code=known["town_code"].gather(rows["town"]),
        district=pl.Series(list(DISTRICTS)).gather(
            pl.Series(world.district_of_town).gather(rows["town"])
        ),
        city=pl.lit("330600"),
    )


def arrivals(world: World, lives: Shared) -> pl.DataFrame:
    """P02 by month of dispatch, calls without a town under `unassigned`: the usual limit is theirs.

    They were drawn by the limit of a town that nobody was told, so that they have no rate.
    """
    rows = lives.calls.calls.filter(
        pl.col("valid")
        & pl.col("police")
        & (pl.col("dispatch") < int(OPEN))
        & (pl.col("finish") < end_s(world))
    )
    own = stations(world)["standard"].gather(rows["town"]) * 60
    limit = pl.when("no_town").then(USUAL_LIMIT_S).otherwise(own)
    rows = _placed(world, rows).with_columns(
        month("dispatch"),
        good=pl.col("arrive") - pl.col("dispatch") <= limit,
        rate=pl.when(~pl.col("no_town")).then(pl.col("chance") * 100),
        town_code=pl.when(~pl.col("no_town")).then("town_code"),
    )
    towns = by_units(rows, RATIO).select(pl.lit("P02").alias("indicator_code"), *COLUMNS[1:])
    stations_too = _by(rows, "P02", {"station": "station"})
    return pl.concat([towns, stations_too.filter(pl.col("unit_level") == "station")])


def opinions(world: World, lives: Shared) -> pl.DataFrame:
    """P05 and P06 by month of service."""
    end = end_s(world)
    contacts = _placed(world, lives.feedback.contacts).with_columns(
        month("service"), kind=pl.col("kind").cast(pl.String).str.zfill(2)
    )
    asked = pl.col("sms") < int(OPEN)
    seen = contacts.filter(pl.when(asked).then("sms").otherwise(pl.col("service") + 72_000) < end)
    covered = seen.with_columns(good=asked, rate=100 * (1 - pl.col("unasked")))
    answered, satisfied = lives.feedback.satisfied(end - 1)
    spoken = seen.with_columns(good=satisfied, rate=100 * (1 - pl.col("unsatisfied"))).filter(
        answered
    )
    units = {"station": "station", "kind": "kind"}
    return pl.concat(
        [_by(covered, "P05", units), _by(spoken, "P06", {**units, "town": "town_code"})]
    )


def deadlines(world: World, lives: Shared) -> pl.DataFrame:
    """P09 and U06 by month of the deadline, for deadlines that have passed."""
    end = end_s(world)
    orders = _placed(world, lives.orders.orders.filter(pl.col("due") < end)).with_columns(
        month("due"),
        good=(pl.col("sign") <= pl.col("sign_due")) & (pl.col("back") <= pl.col("due")),
        rate=100 * (1 - pl.col("late_chance")),
    )
    grid = lives.grid.events.filter((pl.col("due") < end) & ~pl.col("no_due"))
    grid = _placed(world, grid).with_columns(
        month("due"),
        good=pl.col("finish") <= pl.col("due"),
        rate=100 * (1 - pl.col("late_chance")),
        town_code=pl.when(~pl.col("no_town")).then("town_code"),
    )
    events = by_units(grid, RATIO).select(pl.lit("U06").alias("indicator_code"), *COLUMNS[1:])
    orders = with_department(world, orders, "station")
    levels = {"unit": "station", "department": "department", "district": "district"}
    return pl.concat([_by(orders, "P09", levels), events])


def penalties(world: World, lives: Shared) -> pl.DataFrame:
    """L09 by month of the deadline."""
    cases = lives.cases.cases.filter(~pl.col("deleted"))
    rows = cases.join(lives.warnings.transferred, on="number", how="left").with_columns(
        limit=pl.col("deadline") * DAY_S, city=pl.lit("330600")
    )
    due = rows.filter(
        ((pl.col("deadline") + 1) * DAY_S <= end_s(world))
        & ~(pl.col("sent") < (pl.col("deadline") + 1) * DAY_S).fill_null(value=False)
    ).with_columns(
        month("limit"),
        good=pl.col("decided") <= pl.col("deadline"),
        rate=100 * (1 - pl.col("late_chance")),
        town_code=pl.when("has_town").then("town_code").otherwise(pl.lit("unassigned")),
    )
    levels = {"department": "agency_code", "town": "town_code", "district": "region_code"}
    return _by(due, "L09", levels)


def care(world: World, lives: Shared) -> pl.DataFrame:
    """H04 by month of the due visit, H02 at each quarter's end, Y05 by month of its limit.

    H02 has no rate: it follows from four visits, each late or not, and from who agreed to care.
    """
    place = pl.col("district_code").replace_strict(
        {code: i for i, code in enumerate(DISTRICTS)}, return_dtype=pl.Int64
    )
    visits = lives.patients.visits.with_columns(city=pl.lit("330600"), place=place)
    visits = visits.with_columns(
        rate=100 * (1 - pl.Series(VISIT_LATE).gather(visits["place"])),
    )
    last_day = world.end.isoformat()
    following = pl.col("visit_date").shift(-1).over("patient_token", order_by="visit_date")
    no_visit = pl.col("reg_status").shift(-1).over("patient_token", order_by="visit_date")
    came = following <= pl.col("next_due")
    visited = ~no_visit.is_in(["4", "5"])
    due = visits.with_columns(good=(came & visited).fill_null(value=False)).filter(
        (pl.col("next_due") >= world.start.isoformat())
        & (pl.col("next_due") <= last_day)
        & (pl.col("reg_status") == "1")
        & (pl.col("in_hospital") == "否")
    )
    # who has died or moved by the due date is not waited for
    left = visits.filter(pl.col("reg_status").is_in(["4", "5"])).select(
        "patient_token", left="visit_date"
    )
    due = due.join(left, on="patient_token", how="left").filter(
        (pl.col("left") > pl.col("next_due")).fill_null(value=True)
    )
    due = due.with_columns(period_label=pl.col("next_due").str.head(7))
    young = lives.youth.cases.filter(
        ((pl.col("due") // DAY_S + 1) * DAY_S <= end_s(world)) & ~pl.col("wrong")
    )
    young = young.with_columns(
        month("due"),
        good=pl.col("contact") // DAY_S <= pl.col("due") // DAY_S,
        rate=100 * (1 - pl.Series(CONTACT_LATE).gather(young["district"])),
        district_code=pl.Series(list(DISTRICTS)).gather(young["district"]),
        city=pl.lit("330600"),
    )
    level = {"district": "district_code"}
    return pl.concat(
        [
            _by(due, "H04", level),
            _by(_managed(world, visits.with_columns(rate=NO_RATE)), "H02", level),
            _by(young, "Y05", level),
        ]
    )


def _managed(world: World, visits: pl.DataFrame) -> pl.DataFrame:
    """Every patient at each quarter's end: managed, not overdue, four visits in a year or new."""
    parts = []
    for day in (p.end for p in world.periods if p.is_backfill and p.end.month % 3 == 0):
        known, year = day.isoformat(), (day - timedelta(days=365)).isoformat()
        last = (
            visits.filter(pl.col("visit_date") <= known)
            .sort("visit_date")
            .group_by("patient_token")
            .agg(
                pl.last("reg_status", "next_due", "register_date", "district_code", "city", "rate"),
                n=(pl.col("visit_date") > year).sum(),
            )
        )
        often = (pl.col("n") >= 4) | (pl.col("register_date") > year)
        managed = (pl.col("reg_status") == "1") & (pl.col("next_due") >= known) & often
        parts.append(
            last.filter(pl.col("reg_status").is_in(["1", "2", "3"])).with_columns(
                good=managed, period_label=pl.lit(known)
            )
        )
    return (
        pl.concat(parts)
        if parts
        else visits.head(0).with_columns(good=pl.lit(value=True), period_label=pl.lit(""))
    )


def later_rates(world: World, lives: Shared) -> pl.DataFrame:
    """All of them in one table."""
    parts = [f(world, lives) for f in (arrivals, opinions, deadlines, penalties, care)]
    return pl.concat([p.select(COLUMNS) for p in parts])
