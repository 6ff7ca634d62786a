"""Why a number is what it is: the rows shown are the rows counted."""

from __future__ import annotations

import io
from dataclasses import replace

import duckdb
import pytest
from rich.console import Console

from ingestion.lake import duck
from orchestration.explain import NotFound, explain, render
from orchestration.explain.evidence import mask
from tests.golden.conftest import Golden


def printed(**asked: str) -> str:
    console = Console(file=io.StringIO(), width=200)
    console.print(render(explain(**asked)))
    return console.file.getvalue()  # type: ignore[attr-defined]


def test_a_value_is_explained_by_the_rows_that_gave_it(golden_home: Golden) -> None:
    found = explain("indicator:D09", unit="330602", period="2026-01")
    assert (found.judged["numerator"], found.judged["denominator"]) == (2.0, 4.0)
    assert found.rows_n == 4 and found.agrees
    assert [row.in_numerator for row in found.rows] == [False, False, True, True]
    first = found.rows[0]
    assert (first.key, first.is_open, first.delivery_id, first.line) == ("d04", True, "dlv-p32", 5)
    assert {feed.feed_code for feed in found.feeds} == {"P32", "F20", "P33"}


def test_every_judged_value_agrees_with_its_rows(golden_home: Golden) -> None:
    # The file stays open meanwhile, or each of a thousand explanations would read its catalog anew.
    with duck.connect(golden_home.database, read_only=True) as con:
        cells = con.execute(
            "select indicator_code, unit_code, period_label, unit_level from judged.fct_indicator"
            " where denominator > 0 or suppressed or indicator_code = 'L01'"
        ).fetchall()
        assert len(cells) > 300
        for code, unit, period, level in cells:
            assert explain(code, unit, period, level).agrees, (code, unit, period, level)


@pytest.mark.parametrize(
    ("code", "unit", "period", "numbers"),
    [
        ("L02", "330600", "2025-12", (1.0, 3.0)),  # the light of January is not December's
        ("L02", "330600", "截至2026-04-02", (2.0, 8.0)),
        ("L01", "330600", "截至2026-04-02", (8.0, None)),
        ("P06", "330602500100", "2026-03", (3.0, 3.0)),  # one station, two towns, counted once
        ("P06", "330602002000", "2026-03", (3.0, 3.0)),
        ("M04", "330681", "2026-Q1", (1.0, 1.0)),
        ("D14", "330602", "近12个月至2026-03", (17.0, 10.0)),
        ("D15", "330600", "2026-Q1", (2.0, 1.82)),
        ("D15#homicide", "330600", "2026-Q1", (1.0, None)),
    ],
)
def test_rows_are_those_of_the_reading(
    golden_home: Golden, code: str, unit: str, period: str, numbers: tuple[float, float | None]
) -> None:
    found = explain(code, unit=unit, period=period)
    assert (found.judged["numerator"], found.judged["denominator"]) == numbers
    assert found.agrees
    with duckdb.connect(str(golden_home.database), read_only=True) as con:
        rows = con.execute(found.predicate).fetchall()
    assert len(rows) >= len(found.rows) == found.rows_n


def test_what_left_a_zone_is_explained_by_counts_and_deliveries_only(golden_home: Golden) -> None:
    shown = explain("H02", unit="330602", period="2026-03-31")
    assert (shown.judged["numerator"], shown.judged["denominator"]) == (25.0, 39.0)
    assert shown.agrees and "declassified.zone_counts" in shown.predicate
    page = printed(code="H02", unit="330602", period="2026-03-31")
    assert "当期" in page or "存量" in page
    assert not any(token in page for token in ("a01", "t6 ", "patient_token"))
    assert {row.line for row in shown.rows} <= {None}


def test_a_hidden_value_reads_not_public(golden_home: Golden) -> None:
    hidden = explain("Y05", unit="330602", period="2026-03")
    assert hidden.judged["suppressed"] and hidden.judged["numerator"] is None
    assert "不公开" in printed(code="Y05", unit="330602", period="2026-03")


def test_a_period_that_stands_says_so_and_a_stale_number_is_red(golden_home: Golden) -> None:
    """Records that moved under a value of persons are no fault; under any other they are."""
    said = {}
    for code, period in (("H02", "2026-03-31"), ("D07", "2026-04-01")):
        unit = "330602" if code == "H02" else "330681"
        console = Console(file=io.StringIO(), width=200)
        console.print(render(replace(explain(code, unit=unit, period=period), agrees=False)))
        said[code] = console.file.getvalue()  # type: ignore[attr-defined]
    assert "此期保持已公布的数" in said["H02"] and "不一致" not in said["H02"]
    assert "与公布的数字不一致" in said["D07"]


def test_the_printed_condition_runs_as_it_stands(golden_home: Golden) -> None:
    found = explain("D07", unit="330681", period="2026-04-01")
    with duckdb.connect(str(golden_home.database), read_only=True) as con:
        rows = con.execute(found.predicate).fetchall()
    assert len(rows) == found.rows_n == 2


def test_the_page_speaks_chinese_and_names_light_rule_and_owner(golden_home: Golden) -> None:
    page = printed(code="D07", unit="乙市", period="2026-04-01")
    for words in (
        "12345按期办结率",
        "乙市",
        "分子",
        "分母",
        "红灯",
        "近12个月",
        "责任单位",
        "数字背后的行",
    ):
        assert words in page, words


def test_case_numbers_are_masked_in_their_middle() -> None:
    assert mask("ZJ2026100100012345") == "ZJ2************345"
    assert mask("d04") == "d04"


@pytest.mark.parametrize(
    ("asked", "hint"),
    [
        ({"code": "P44"}, "feed:P44"),
        ({"code": "feed:P44"}, "takes indicator:"),
        ({"code": "D090"}, "D09"),
        ({"code": "D09", "unit": "999999"}, "city, district, town"),
        ({"code": "D09", "unit": "330602", "period": "2030-01"}, "2026-01 … 2026-02"),
    ],
)
def test_what_does_not_exist_is_answered_with_what_does(
    golden_home: Golden, asked: dict[str, str], hint: str
) -> None:
    with pytest.raises(NotFound, match=hint):
        explain(**asked)
