"""Promises of P02 and P05 to P31: they fit each other, their contracts and the true rates."""

from __future__ import annotations

import hashlib
import math
from datetime import date, timedelta
from pathlib import Path

import polars as pl
import pytest

from ingestion.contract import load
from simulation import business
from simulation.business import Business
from simulation.deliveries import Ground, Manifest
from simulation.dirt import Truth
from simulation.justice import case_files
from simulation.shared import Shared
from simulation.world import World, seed

SCALE = 0.2
# New keys a calendar day at scale 1, as the data owners expect them (P22: rows; P29: rows).
NEW_PER_DAY = {
    "P02": 260,
    "P05": 8,
    "P06": 3,
    "P07": 2,
    "P08": 14,
    "P09": 4,
    "P10": 1,
    "P11": 2,
    "P12": 1,
    "P13": 45,
    "P14": 60,
    "P15": 5,
    "P16": 4,
    "P17": 3,
    "P18": 1,
    "P19": 6,
    "P20": 9,
    "P21": 5,
    "P22": 3600,
    "P23": 55,
    "P24": 4,
    "P26": 65,
    "P27": 210,
    "P28": 3,
    "P29": 2,
    "P30": 1,
    "P31": 40,
}
Frames = dict[str, pl.DataFrame]


@pytest.fixture(scope="module")
def shared() -> Shared:
    return Shared(World(20261031, date(2025, 10, 1), date(2026, 10, 30), SCALE))


@pytest.fixture(scope="module")
def frames(shared: Shared) -> Frames:
    return {code: frame() for code, frame in Business(shared.world, shared).feeds().items()}


@pytest.fixture(scope="module")
def last(frames: Frames) -> Frames:
    """Each feed as it stands at the end: the last row of every key."""
    return {
        code: rows.sort("updated", maintain_order=True).unique(
            list(load(code).key), keep="last", maintain_order=True
        )
        for code, rows in frames.items()
    }


def _known(shared: Shared, last: Frames) -> dict[str, pl.Series]:
    """Values of every column that a contract's reference may point to, by table and column."""
    found: dict[str, pl.Series] = {}
    for code, rows in last.items():
        key = load(code).key[0]
        found[f"{load(code).table}.{key}"] = rows[key]
    found["p01_major_investment_project.project_code"] = shared.projects.changes["project_code"]
    cases = case_files.changes(shared.world, shared.cases, shared.warnings)
    found["f08_admin_enforcement_case.case_id"] = cases.filter(pl.col("op") != "D")["case_id"]
    for table, column in (
        ("seed_division", "region_code"),
        ("seed_division", "town_code"),
        ("seed_organisation", "org_code"),
    ):
        found[f"{table}.{column}"] = seed(table)[column]
    return found


def test_every_reference_is_found(shared: Shared, last: Frames) -> None:
    known, checked, lost = _known(shared, last), 0, {}
    for code, rows in last.items():
        for field in load(code).fields:
            if field.references:
                values = rows[field.name].drop_nulls().unique()
                checked += len(values)
                missing = set(values) - set(known[field.references])
                if missing:
                    lost[code, field.name] = sorted(missing)[:3]
    assert checked > 10_000
    assert lost == {}


def test_clean_rows_break_no_rule_and_miss_nothing(frames: Frames) -> None:
    broken: dict[tuple[str, str], int] = {}
    for code, rows in frames.items():
        contract = load(code)
        for rule in contract.row_rules:
            bad = rows.filter(~pl.sql_expr(rule.expression).fill_null(value=True)).height
            if bad:
                broken[code, rule.name] = bad
        for field in contract.fields:
            if field.required and rows[field.name].null_count():
                broken[code, field.name] = rows[field.name].null_count()
    assert broken == {}


def test_a_row_refers_only_to_what_was_sent_before(frames: Frames, shared: Shared) -> None:
    start = pl.lit(shared.world.start).cast(pl.Datetime("us"))
    # the stock is sent in one go
    sent = pl.max_horizontal("updated", start)
    first = {
        code: rows.group_by(load(code).key[0]).agg(sent=sent.min()) for code, rows in frames.items()
    }
    pairs = [("P07", "P06"), ("P08", "P07"), ("P09", "P06"), ("P10", "P07"), ("P12", "P11")]
    pairs += [("P13", "P11"), ("P14", "P13"), ("P15", "P11"), ("P18", "P11"), ("P20", "P19")]
    pairs += [("P27", "P26"), ("P28", "P26"), ("P30", "P26"), ("P31", "P26")]
    for child, parent in pairs:
        key = load(parent).key[0]
        rows = (
            frames[child].group_by(load(child).key[0]).agg(pl.col(key).first(), updated=sent.min())
        )
        joined = rows.join(first[parent], on=key, how="inner")
        assert joined.height == rows.height > 20, (child, parent)
        assert joined.filter(pl.col("updated") < pl.col("sent")).is_empty(), (child, parent)


def test_decisions_follow_their_steps(last: Frames) -> None:
    reports = last["P07"].join(last["P06"], on="decision_id", suffix="_of")
    assert reports.filter(pl.col("report_date") < pl.col("start_date")).is_empty()
    decided = last["P06"].drop_nulls("decide_date")
    assert decided.filter(pl.col("decide_date") < pl.col("legality_review_date")).is_empty()
    versions = last["P07"].group_by("decision_id").agg(pl.max("report_version"), pl.len())
    assert versions.filter(pl.col("report_version") != pl.col("len")).is_empty()
    assert versions.filter(pl.col("len") == 2).height > 3


def test_the_index_of_a_report_is_the_mean_of_its_points(last: Frames) -> None:
    product = pl.col("probability") * pl.col("impact") / 25
    points = last["P08"].group_by("report_id").agg(mean=product.mean())
    reports = last["P07"].join(points, on="report_id")
    assert reports.height == last["P07"].height
    assert (reports["mean"] - reports["prob_score"]).abs().max() < 1e-3  # type: ignore[operator]
    low, high = pl.col("prob_score") < 0.36, pl.col("prob_score") > 0.64
    level = pl.when(low).then(pl.lit("L")).when(high).then(pl.lit("H")).otherwise(pl.lit("M"))
    assert reports.filter(pl.col("risk_level") != level).is_empty()


def test_land_is_taken_in_order(last: Frames) -> None:
    land = last["P11"].drop_nulls("decision_date")
    late = land.filter(
        pl.col("assess_done_date").is_null()
        | (pl.col("assess_done_date") > pl.col("decision_date"))
    )
    assert late.height < 0.03 * land.height
    homes = last["P13"].join(land, on="exprop_id")
    assert homes.filter(pl.col("sign_date") <= pl.col("decision_date")).is_empty()
    size = last["P13"].group_by("exprop_id").agg(pl.len(), people=pl.sum("family_n"))
    counted = size.join(land, on="exprop_id")
    assert counted.filter(
        (pl.col("len") != pl.col("household_total"))
        | (pl.col("people") != pl.col("population_total"))
    ).is_empty()
    paid = last["P14"].join(last["P13"], on="household_id")
    assert paid.filter(pl.col("due_date") <= pl.col("sign_date")).is_empty()
    total = paid.group_by("household_id").agg(pl.sum("amount"), pl.first("comp_amount"))
    assert (total["amount"] - total["comp_amount"]).abs().max() < 0.01  # type: ignore[operator]


def test_penalties_are_decided_cases_of_the_ecology_agency(last: Frames, shared: Shared) -> None:
    cases = case_files.changes(shared.world, shared.cases, shared.warnings)
    cases = cases.sort("updated").unique("case_id", keep="last")
    both = last["P24"].join(cases, on="case_id", suffix="_case")
    assert both.height == last["P24"].height > 50
    assert set(both["case_domain"]) == {"02"}
    assert both.filter(
        (pl.col("decide_date") != pl.col("decide_date_case"))
        | (pl.col("uscc") != pl.col("party_id"))
        | (pl.col("fine_amount") * 100 - pl.col("fine_amount_case") > 1)
        | pl.col("transfer_date").is_not_null()
    ).is_empty()


def test_petitions_are_accepted_answered_and_rated_in_order(last: Frames) -> None:
    steps = last["P27"].pivot("step_code", index="petition_no", values="end_time")
    assert steps.filter(pl.col("03") > pl.col("05")).is_empty()
    assert steps.filter(pl.col("01") > pl.col("03")).is_empty()
    rated = last["P31"].join(steps, on="petition_no")
    assert rated.filter(pl.col("05").is_null() | (pl.col("eval_time") < pl.col("05"))).is_empty()
    asked = last["P28"].join(steps, on="petition_no")
    assert asked.filter(pl.col("request_date") < pl.col("05").dt.date()).is_empty()
    earlier = last["P26"].select(prev_petition_no="petition_no", before="register_time")
    again = last["P26"].join(earlier, on="prev_petition_no")
    assert again.height > 100
    assert again.filter(pl.col("register_time") <= pl.col("before")).is_empty()
    assert set(last["P26"]["purpose"]) == {"1", "3"}


def test_as_many_begin_as_the_owners_expect(frames: Frames, shared: Shared) -> None:
    world, off = shared.world, {}
    for code, expected in NEW_PER_DAY.items():
        rows = frames[code].group_by(load(code).key).agg(pl.min("updated"))
        fresh = rows.filter(pl.col("updated").dt.date() >= world.start)
        days = fresh["updated"].dt.date().n_unique() if code == "P22" else len(world.days)
        per_day = fresh.height / days / world.scale
        # a small feed varies by chance
        slack = 0.12 + 4 / math.sqrt(expected * world.scale * len(world.days))
        if abs(per_day / expected - 1) > slack:
            off[code] = round(per_day, 2)
    assert off == {}


def test_a_key_has_one_state_before_the_world_begins(frames: Frames, shared: Shared) -> None:
    start = pl.lit(shared.world.start).cast(pl.Datetime("us"))
    for code, rows in frames.items():
        stock = rows.filter(pl.col("updated") < start)
        assert stock.height == stock.select(list(load(code).key)).n_unique(), code


def test_true_rates_agree_with_the_chances_behind_them(shared: Shared) -> None:
    rates = business.rates(shared.world, shared)
    assert rates["indicator_code"].n_unique() >= 12
    assert rates.filter(pl.col("numerator") > pl.col("denominator") * (1 + 1e-9)).is_empty()
    key = ["indicator_code", "unit_level", "unit_code", "period_label"]
    assert rates.select(key).is_duplicated().sum() == 0
    city = rates.filter(
        (pl.col("unit_level") == "city")
        & pl.col("true_rate").is_not_null()
        & (pl.col("indicator_code") != "M09")
    )
    n, p = pl.col("denominator"), pl.col("true_rate") / 100
    pooled = city.group_by("indicator_code").agg(
        gap=(pl.col("numerator") - n * p).sum(), spread=(n * p * (1 - p)).sum().sqrt()
    )
    assert pooled.height >= 9
    assert pooled.filter(pl.col("gap").abs() > 4 * pl.col("spread") + 1).is_empty()


def test_bad_offices_are_worse_than_the_city(shared: Shared) -> None:
    rates = business.rates(shared.world, shared)
    worst = shared.world.organisation("330602", "land")
    pooled = rates.filter(pl.col("indicator_code") == "D04").group_by("unit_level", "unit_code")
    share = pooled.agg(v=pl.sum("numerator") / pl.sum("denominator"))
    of_city = share.filter(pl.col("unit_level") == "city")["v"][0]
    assert share.filter(pl.col("unit_code") == worst)["v"][0] < of_city - 0.2


def _delivered(out: Path, days: int, dirt: float) -> Ground:
    world = World(7, date(2026, 10, 1), date(2026, 10, 1) + timedelta(days=days), 0.1)
    ground = Ground(world, dirt, Manifest(out), Truth())
    business.deliver(ground, Shared(world))
    return ground


@pytest.fixture(scope="module")
def twice(tmp_path_factory: pytest.TempPathFactory) -> tuple[Ground, Ground]:
    folders = [tmp_path_factory.mktemp("business") for _ in range(2)]
    return _delivered(folders[0], 27, 0.03), _delivered(folders[1], 27, 0.03)


def test_the_same_seed_gives_the_same_bytes(twice: tuple[Ground, Ground]) -> None:
    def digests(out: Path) -> dict[str, str]:
        return {
            str(p.relative_to(out)): hashlib.sha256(p.read_bytes()).hexdigest()
            for p in sorted(out.rglob("*"))
            if p.is_file()
        }

    one, two = (digests(g.manifest.out) for g in twice)
    assert len(one) > 60
    assert one == two


def test_accusations_are_planted_and_their_rule_sees_every_one(
    twice: tuple[Ground, Ground],
) -> None:
    ground = twice[0]
    planted = ground.truth.table().filter(pl.col("expected_rule") == "no_accusation")
    sent = pl.read_parquet(ground.manifest.out / "api" / "p26.parquet")
    rows = sent["row"].str.json_decode(
        pl.Struct({"petition_no": pl.String, "purpose": pl.String, "handle_path": pl.String})
    )
    rule = next(r for r in load("P26").row_rules if r.name == "no_accusation")
    caught = rows.struct.unnest().filter(~pl.sql_expr(rule.expression))
    assert rule.severity == "error"
    assert planted.height > 0
    assert sorted(caught["petition_no"]) == sorted(planted["key"])
