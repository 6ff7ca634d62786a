"""The feeds of street, police, court, care and opinion: chains, volumes, published figures."""

from __future__ import annotations

import hashlib
from datetime import date, datetime, time
from itertools import pairwise
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from ingestion.contract import load
from ingestion.contract.codes import table as code_table
from simulation import agencies
from simulation.agencies import Agencies
from simulation.care.service_warnings import ServiceWarnings
from simulation.care.youth_monthly import YouthMonthly
from simulation.deliveries import Ground, Manifest
from simulation.dirt import Truth
from simulation.justice.cooperation import Cooperation
from simulation.justice.enforcement import Enforcement
from simulation.justice.filings import Filings
from simulation.neighbourhood.grids import Grids
from simulation.police import Police
from simulation.policing.order_monthly import OrderMonthly
from simulation.shared import Shared
from simulation.world import World

SMALL = World(5, date(2026, 8, 1), date(2026, 10, 30), 0.1)
WHOLE = World(5, date(2025, 10, 1), date(2026, 10, 30), 1.0)
# New rows a day of the whole city, as the registry of feeds says.
PER_DAY = {
    "P34": 9,
    "P37": 420,
    "P38": 18,
    "P39": 22,
    "P41": 3,
    "P42": 2,
    "P45": 900,
    "P46": 80,
    "P47": 120,
    "F05": 75,
    "F04": 110,
    "F07": 6,
    "F10": 1500,
    "F11": 480,
    "F16": 26,
    "F17": 1500,
    "F18": 8000,
    "F19": 2500,
    "F21": 9,
    "F22": 3,
    "F23": 25,
}
MONTHS = ("202509", "202609")
Frames = dict[str, pl.DataFrame]


@pytest.fixture(scope="module")
def shared() -> Shared:
    return Shared(SMALL)


@pytest.fixture(scope="module")
def frames(shared: Shared) -> Frames:
    return {code: rows() for code, rows, _ in Agencies(SMALL, shared).feeds()}


@pytest.fixture(scope="module")
def known() -> pl.DataFrame:
    return agencies.rates(SMALL, Shared(SMALL))


def latest(frame: pl.DataFrame, code: str) -> pl.DataFrame:
    """The last row of each key."""
    return frame.unique(list(load(code).key), keep="last", maintain_order=True)


def test_every_frame_is_what_its_contract_declares(frames: Frames) -> None:
    assert len(frames) == 27
    for code, frame in frames.items():
        contract = load(code)
        assert set(frame.columns) == {*(f.name for f in contract.fields), "updated"}, code
        assert frame.height, code
        for field in contract.fields:
            column = frame[field.name]
            if field.required:
                assert column.null_count() == 0, (code, field.name)
            if field.code_table and not field.personal:
                listed, values = code_table(field.code_table), column.drop_nulls().cast(pl.String)
                if listed.pattern:
                    assert values.str.contains(listed.pattern).all(), (code, field.name)
                else:
                    assert set(values.unique()) <= set(listed.codes), (code, field.name)


def test_no_clean_row_breaks_a_rule(frames: Frames) -> None:
    for code, frame in frames.items():
        for rule in load(code).row_rules:
            broken = frame.filter(~pl.sql_expr(rule.expression))
            assert broken.height == 0, (code, rule.name, broken.head(1).to_dicts())


def test_keys_resolve_across_feeds(frames: Frames, shared: Shared) -> None:
    def found(code: str, column: str, there: pl.Series) -> None:
        values = frames[code][column].drop_nulls().unique()
        assert len(values) > 0, (code, column)
        assert values.is_in(there.unique().implode()).all(), (code, column)

    sessions = shared.mediations.sessions.filter(pl.col("nth") == 2)
    ids = "TJ" + sessions["dispute_code"].str.slice(2) + "2"
    disputes, projects = shared.disputes.cases["code"], shared.projects.projects["project_code"]
    tickets = shared.hotline.tickets.select(
        (pl.col("accept") * 1_000_000).cast(pl.Datetime("us")).dt.strftime("SX%Y%m%d")
        + pl.col("ticket").cast(pl.String).str.zfill(8)
    ).to_series()
    found("P34", "mediation_id", ids)
    found("P37", "place_id", frames["F19"]["place_id"])
    found("F19", "grid_code", frames["P36"]["grid_code"])
    found("P38", "dispute_code", disputes)
    found("P39", "dispute_code", disputes)
    for code in ("P38", "P41", "P46", "P47"):
        found(code, "project_code", projects)
    found("P45", "ticket_id", tickets)
    found("F05", "case_no", frames["F04"]["case_no"])
    found("F13", "patient_token", shared.patients.patients["token"])
    found("F21", "call_id", shared.calls.calls["call_id"])
    organisations = SMALL.organisations["org_code"]
    for code in ("P37", "F07", "F10", "F11"):
        found(code, "org_code", organisations)
    found("F05", "coop_org_code", organisations)
    found("F22", "unit_code", organisations)
    found("F23", "unit_code", organisations)


def test_grids_of_events_and_arrears_of_penalty_cases_exist(frames: Frames, shared: Shared) -> None:
    events = shared.grid.messages()["grid_code"]
    assert events.is_in(Grids(SMALL).rows()["grid_code"].implode()).all()
    labour = shared.cases.cases.filter(pl.col("domain") == "03")
    first = frames["P38"].group_by("case_id").agg(pl.col("updated").min())
    told = labour.select(
        case_id="QX" + pl.col("number").cast(pl.String).str.zfill(8),
        entered=(pl.col("entered") * 1_000_000).cast(pl.Datetime("us")),
    ).join(first, on="case_id", how="left")
    assert labour.height > 20
    assert told["updated"].null_count() == 0
    # what is older than the world comes as it stood on the eve of the first day
    begins = datetime.combine(SMALL.start, time(0))
    assert (
        told.filter((pl.col("updated") > pl.col("entered")) & (pl.col("updated") >= begins)).height
        == 0
    )


def test_chains_go_forward_in_time(frames: Frames, shared: Shared) -> None:
    def in_order(code: str, *columns: str) -> None:
        rows = latest(frames[code], code)
        for before, after in pairwise(columns):
            pair = rows.select(before, after).drop_nulls()
            assert pair.height > 0, (code, after)
            early = pair[before].cast(pl.Date) <= pair[after].cast(pl.Date)
            assert early.all(), (code, before, after)

    in_order("P34", "effective_date", "apply_date", "accept_date", "decide_date")
    in_order("P37", "find_time", "rectify_date", "recheck_date")
    in_order("P38", "order_pay_date", "paid_date")
    in_order("P42", "apply_date", "decide_date", "event_date")
    in_order("F04", "file_date", "close_date")
    in_order("F05", "submit_time", "accept_time", "finish_time")
    in_order("F07", "found_date", "review_date", "filed_date", "suggest_date", "reply_date")
    in_order("F10", "report_time", "file_time", "dispatch_time", "handle_time", "close_time")
    in_order("F13", "warn_time", "respond_time", "handle_time", "close_time")
    in_order("F16", "first_transfer_time", "report_time", "stop_apply_time")
    in_order("F21", "dispatch_time", "sign_time", "finish_time")
    in_order("F23", "issue_date", "finish_date")
    case = latest(frames["F04"], "F04").select("case_no", "file_date", "close_date")
    asked = latest(frames["F05"], "F05").join(case, on="case_no")
    day = pl.col("submit_time").cast(pl.Date)
    assert asked.filter((day < pl.col("file_date")) | (day > pl.col("close_date"))).height == 0
    handed = frames["F21"].join(shared.calls.calls.select("call_id", "accept"), on="call_id")
    taken = (handed["accept"] * 1_000_000).cast(pl.Datetime("us"))
    assert (handed["dispatch_time"] > taken).all()


def test_a_change_tells_only_what_was_known(frames: Frames) -> None:
    for code in ("P34", "P37", "P39", "F04", "F05", "F07", "F10", "F13", "F16", "F21", "F23"):
        frame = frames[code]
        later = [f.name for f in load(code).fields if not f.required]
        for name in later:
            if frame.schema[name].is_temporal() and name not in ("due_time", "order_due"):
                ahead = frame.filter(pl.col(name).cast(pl.Date) > pl.col("updated").cast(pl.Date))
                assert ahead.height == 0, (code, name)


def test_volumes_are_the_registry_s(frames: Frames) -> None:
    first = SMALL.start
    for code, per_day in PER_DAY.items():
        rows = frames[code].group_by(list(load(code).key)).agg(pl.col("updated").min())
        new = rows.filter(pl.col("updated").cast(pl.Date) >= first).height
        expected = per_day * SMALL.scale * len(SMALL.days)
        slack = 0.12 * expected + 4 * np.sqrt(expected)
        assert abs(new - expected) <= slack, (code, new, expected)
    for life, size in ((OrderMonthly, 2100), (Filings, 4500), (YouthMonthly, 127)):
        last = life(WHOLE).rows().filter(pl.col("updated") == pl.col("updated").max())
        assert 0.95 * size <= last.height <= 1.05 * size, (life, last.height)
    assert 5_400 <= frames["P36"]["grid_code"].n_unique() <= 5_600


def test_published_figures_come_out_of_the_rows() -> None:
    warnings = latest(ServiceWarnings(WHOLE, Shared(WHOLE).patients).rows(), "F13")
    assert (warnings.height, warnings["handle_time"].count()) == (3125, 710)
    asked = latest(Cooperation(WHOLE, Enforcement(WHOLE)).rows(), "F05")
    assert asked["online"].sum() >= 26_000
    assert asked["matter_code"].n_unique() == len(code_table("COOP_MATTER").codes) == 72
    counts = YouthMonthly(WHOLE).rows()
    city = counts.filter((pl.col("district_code") == "330600") & (pl.col("report_batch") == 1))
    before, now = (city.filter(pl.col("stat_month") == m).to_dicts()[0] for m in MONTHS)
    assert round(now["covered_youth_n"], -3) == 113_000
    assert round(100 * (now["person_ytd_n"] / before["person_ytd_n"] - 1)) == -18
    rate, old = (r["reoffend_person_n"] / r["released_cohort_n"] for r in (now, before))
    assert round(100 * (rate / old - 1), 2) == -31.59


def test_small_counts_are_suppressed_and_totals_hold_the_truth() -> None:
    life = YouthMonthly(WHOLE)
    rows = life.rows()
    for name in ("person_n", "reoffend_person_n", "released_cohort_n", "seal_due_n"):
        assert rows[name].drop_nulls().min() >= 10  # type: ignore[operator]
    assert rows.filter(pl.col("suppressed") != pl.col("person_n").is_null()).height == 0
    parts = life.counts.filter(pl.col("age_band") != "0").group_by("stat_month")
    whole = life.counts.filter((pl.col("age_band") == "0") & (pl.col("district_code") == "330600"))
    both = parts.agg(cells=pl.col("persons").sum()).join(whole, on="stat_month")
    assert (both["cells"] == both["persons"]).all()
    assert both.height == 24


def test_monthly_order_counts_come_from_the_calls(frames: Frames) -> None:
    calls = (
        Police(SMALL)
        .calls.filter(pl.col("kind") == 6)
        .with_columns(
            stat_month=pl.col("day").cast(pl.Int32).cast(pl.Date).dt.strftime("%Y%m"),
            town_code=SMALL.towns["town_code"].gather(
                Police(SMALL).calls.filter(pl.col("kind") == 6)["town"]
            ),
        )
    )
    fraud = calls.group_by("stat_month", "town_code").agg(pl.col("valid_n").sum())
    first = frames["P43"].filter((pl.col("case_type") == "03") & (pl.col("report_batch") == 1))
    both = first.join(fraud, on=["stat_month", "town_code"])
    assert both.height == first.height > 200
    assert (both["accepted_n"] <= both["valid_n"]).all()
    assert both.select(pl.col("accepted_n").sum() / pl.col("valid_n").sum()).item() > 0.8


def test_true_rates_are_near_what_they_were_drawn_with(known: pl.DataFrame) -> None:
    assert known["indicator_code"].n_unique() >= 20
    assert (known["numerator"] <= known["denominator"]).all()
    city = known.filter((pl.col("unit_level") == "city") & pl.col("true_rate").is_not_null())
    pooled = city.group_by("indicator_code").agg(
        n=pl.col("denominator").sum(),
        share=pl.col("numerator").sum() / pl.col("denominator").sum(),
        rate=(pl.col("true_rate") * pl.col("denominator")).sum() / pl.col("denominator").sum(),
    )
    # a draw is within five standard deviations of what it was drawn with
    p = pl.col("rate") / 100
    spread = (p * (1 - p) / pl.col("n")).sqrt()
    far = pooled.filter((pl.col("share") - p).abs() > 5 * spread)
    assert far.height == 0, far
    assert pooled.height >= 15


def test_truly_bad_units_stand_out(known: pl.DataFrame) -> None:
    due = known.filter((pl.col("indicator_code") == "K02") & (pl.col("unit_level") == "town"))
    bad = pl.col("unit_code").is_in(["330604101000", "330681110000"])
    share = pl.col("numerator").sum() / pl.col("denominator").sum()
    worse, usual = (due.filter(which).select(share).item() for which in (bad, ~bad))
    assert worse < 0.93 < 0.97 < usual


def fingerprint(folder: Path, seed: int) -> str:
    """A digest of every byte that a small city of these agencies delivers."""
    world = World(seed, date(2026, 9, 1), date(2026, 10, 6), 0.01)
    for name in ("api", "truth"):
        (folder / name).mkdir(parents=True)
    ground = Ground(world, 0.02, Manifest(folder), Truth())
    agencies.deliver(ground, Shared(world))
    ground.truth.table().write_csv(folder / "truth" / "planted_defects.csv")
    ground.manifest.write()
    digest = hashlib.sha256()
    for path in sorted(p for p in folder.rglob("*") if p.is_file()):
        digest.update(path.relative_to(folder).as_posix().encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()


def test_the_same_seed_gives_the_same_bytes(tmp_path: Path) -> None:
    one, two = fingerprint(tmp_path / "a", 3), fingerprint(tmp_path / "b", 3)
    assert one == two
    assert fingerprint(tmp_path / "c", 4) != one
