"""What F08 and F09 of the simulated city promise: files, lights, and the published figures."""

from __future__ import annotations

import hashlib
import json
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from ingestion.contract import load
from simulation.justice import case_files as files
from simulation.justice.case_files import MANNERS
from simulation.justice.cases import CITY, THRESHOLDS, Cases
from simulation.justice.warnings import Warnings
from simulation.world import World
from tests.simulation.delivered import case_files, table, world


@pytest.fixture(scope="module")
def year() -> World:
    return World(20261031, date(2025, 10, 1), date(2026, 10, 30), 1.0)


@pytest.fixture(scope="module")
def cases(year: World) -> Cases:
    return Cases(year)


def test_every_case_file_has_the_control_figures_of_its_bytes(city: Path) -> None:
    files = sorted((city / "F08").glob("*.csv"))
    assert len(files) == 6 * 32
    for path in files:
        said = json.loads(path.with_name(path.name + ".chk").read_text("utf-8"))
        blob = path.read_bytes()
        assert said["size_bytes"] == len(blob)
        assert said["sha256"] == hashlib.sha256(blob).hexdigest()
        assert said["rows"] == blob.count(b"\r\n") - 1


def test_agencies_write_headers_that_the_contract_knows(city: Path) -> None:
    contract = load("F08")
    known = {s for f in contract.fields for s in (f.source, *(a.source for a in f.aliases))}
    for manner in MANNERS.values():
        assert set(manner.headers.values()) <= known
    assert {world().organisation(CITY, role) for role in MANNERS} == set(contract.senders)


def test_a_case_is_withdrawn_after_it_was_sent(city: Path) -> None:
    rows = case_files(city)
    gone = rows.filter(pl.col("op") == "D")
    assert gone.height > 0
    sent = rows.filter(pl.col("op") == "U")["case_id"]
    assert gone["case_id"].is_in(sent.to_list()).mean() > 0.9


def test_warnings_stand_on_cases_that_deserve_them(city: Path) -> None:
    rows, warnings = case_files(city), table(city, "crime_transfer_warning")
    assert warnings["case_id"].is_in(rows["case_id"].to_list()).all()
    late = warnings.filter(pl.col("rule_id") == "XL-Y02")["case_id"].unique()
    over = rows.filter(pl.col("case_id").is_in(late.to_list()))
    assert over["transfer_date"].null_count() == over.height
    sent = warnings.filter(pl.col("transfer_time").is_not_null())
    assert (sent["approve_time"] < sent["transfer_time"]).all()


def test_the_lights_of_a_whole_year_are_the_published_ones(year: World, cases: Cases) -> None:
    kept = cases.cases.filter(~pl.col("deleted"))
    assert kept["case_id"].n_unique() == kept.height == 33_018
    last = Warnings(year, cases).changes
    lights = last.group_by("case_id").agg(red=(pl.col("light") == "R").any())
    assert lights["red"].sum() == 61
    assert (~lights["red"]).sum() == 704
    # no party twice, except the two cases of a pair
    assert kept.height - kept["party_id"].n_unique() == 10


def test_red_cases_pass_a_threshold_and_others_stay_below(year: World, cases: Cases) -> None:
    rows = files.changes(year, cases, Warnings(year, cases))
    last = rows.group_by("case_id", maintain_order=True).last()
    limit = {domain: rule[2] for domain, rule in THRESHOLDS.items()}
    amount = pl.coalesce(pl.col("amount_involved") / 100, pl.col("quantity").cast(pl.Float64))
    named = (
        last.filter(pl.col("charge_hint").is_not_null() & pl.col("case_domain").is_in(list(limit)))
        .join(cases.cases.select("case_id", "light"), on="case_id")
        .with_columns(
            ratio=amount / pl.col("case_domain").replace_strict(limit, return_dtype=pl.Float64)
        )
    )
    assert (named.filter(pl.col("light") == "R")["ratio"] >= 1).all()
    near = named.filter((pl.col("light") == "Y1") & (pl.col("case_domain") != "03"))["ratio"]
    assert near.is_between(0.7, 1.0, closed="left").all()
    assert named.filter(pl.col("light").is_in(["", "Y2"]))["ratio"].max() < 0.4


def test_a_case_never_ends_before_it_began_and_late_ones_are_lit(year: World, cases: Cases) -> None:
    rows = files.changes(year, cases, Warnings(year, cases))
    for name in ("decide_date", "close_date", "transfer_date"):
        assert rows.filter(pl.col(name) < pl.col("file_date")).height == 0
    last = rows.filter(pl.col("op") == "U").group_by("case_id", maintain_order=True).last()
    known = last.join(cases.cases.select("case_id", "light", "deadline", "deleted"), on="case_id")
    due = known.filter((pl.col("deadline") < int(year.days[-1])) & ~pl.col("deleted"))
    ended = pl.min_horizontal("decide_date", "close_date", "transfer_date").cast(pl.Int32)
    late = due.filter(~(ended <= pl.col("deadline")).fill_null(value=False))
    assert set(late["light"]) == {"Y2"}
    assert late.height == due.filter(pl.col("light") == "Y2").height
