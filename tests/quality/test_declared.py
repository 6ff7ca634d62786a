"""Checks a contract declares itself, and failures that are borne for a while."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from ingestion import clock
from ingestion.contract import Contract, ContractError, load
from ingestion.contract.model import Exemption
from quality import declared
from quality import run as module
from quality.run import CheckResult, run_checks
from simulation.policing.calls import Calls
from tests.ingestion.handover import make_contract
from tests.quality import small_lake

AS_OF = datetime(2026, 10, 31, 9, tzinfo=clock.LOCAL)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("FENGQIAO_HOME", str(tmp_path))
    return tmp_path


def calls(lost: pl.Expr | None = None) -> None:
    """F01 beside the counts of P40: each call as its last message tells it."""
    city = small_lake.world()
    told = Calls(city, small_lake.Disputes(city)).messages()
    rows = told.unique("call_id", keep="last").drop("key", "at", "left")
    small_lake.write("F01", rows if lost is None else rows.filter(~lost))


def found(name: str) -> CheckResult:
    return next(r for r in run_checks(["P40"], AS_OF) if r.name == name)


def test_counts_agree_with_the_calls_they_count(home: Path) -> None:
    small_lake.build()
    calls()
    result = found("sum_of_calls")
    assert result.passed
    # 35 days of all calls of a city at a fifth
    assert 9_000 < result.checked_rows_n < 18_000
    assert result.failed_rows_n < 0.01 * result.checked_rows_n


def test_a_day_of_calls_that_never_came_is_seen(home: Path) -> None:
    small_lake.build()
    calls(lost=pl.col("call_time").dt.date() == date(2026, 10, 20))
    result = found("sum_of_calls")
    assert not result.passed
    assert result.severity == "W"
    assert "不低于 98%" in result.detail


def exempted(until: date) -> Contract:
    contract = load("P40")
    object.__setattr__(
        contract, "exemptions", (Exemption("complete_grid", "王科", "新址搬迁", until),)
    )
    return contract


@pytest.fixture
def a_hole(home: Path) -> Any:
    small_lake.build(
        drop_police=(pl.col("stat_date") == date(2026, 10, 15)) & (pl.col("call_type") == "03")
    )
    yield
    object.__setattr__(load("P40"), "exemptions", ())


def test_an_exemption_bears_a_failure_and_says_for_whom(a_hole: Any) -> None:
    assert found("complete_grid").severity == "E"
    exempted(date(2026, 12, 31))
    result = found("complete_grid")
    assert (result.passed, result.severity) == (False, "W")
    assert all(w in result.detail for w in ("王科", "新址搬迁", "2026-12-31"))


def test_an_exemption_ends_on_its_day(a_hole: Any) -> None:
    exempted(AS_OF.date())
    assert found("complete_grid").severity == "W"
    exempted(date(2026, 10, 30))
    assert found("complete_grid").severity == "E"
    ended = found("exemption_complete_grid")
    assert (ended.passed, ended.severity) == (False, "W")
    assert "王科" in ended.title_zh


@pytest.mark.parametrize("missing", ["check", "owner", "reason", "until"])
def test_an_exemption_without_an_owner_a_reason_or_an_end_is_none(
    tmp_path: Path, missing: str
) -> None:
    whole = {"check": "fresh", "owner": "王科", "reason": "搬迁", "until": "2026-12-31"}
    column = {"name": "id", "pii": "none", "key": 1, "required": True}
    assert make_contract(tmp_path, [column], own={"exemptions": [whole]}).exemptions
    partial = {k: v for k, v in whole.items() if k != missing}
    with pytest.raises(ContractError, match=missing):
        make_contract(tmp_path, [column], own={"exemptions": [partial]})


def test_names_of_a_feeds_rules_are_its_own(home: Path) -> None:
    for code in ("P40", "F20"):
        names = [r.name for r in declared.rules_of(load(code), AS_OF)]
        assert len(names) == len(set(names))
    assert module.planned(load("P40"), AS_OF)
