"""Why a number is what it is: the rows shown are the rows counted."""

from __future__ import annotations

import io

import duckdb
import pytest
from rich.console import Console

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
    assert {feed.feed_code for feed in found.feeds} == {"P32", "F20"}


def test_every_judged_value_agrees_with_its_rows(golden_home: Golden) -> None:
    with duckdb.connect(str(golden_home.database), read_only=True) as con:
        cells = con.execute(
            "select indicator_code, unit_code, period_label, unit_level from judged.fct_indicator"
            " where denominator > 0"
        ).fetchall()
    assert len(cells) > 100
    for code, unit, period, level in cells:
        assert explain(code, unit, period, level).agrees, (code, unit, period, level)


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
        ({"code": "D08"}, "D09"),
        ({"code": "D09", "unit": "999999"}, "city, district, town"),
        ({"code": "D09", "unit": "330602", "period": "2030-01"}, "2026-01 … 2026-02"),
    ],
)
def test_what_does_not_exist_is_answered_with_what_does(
    golden_home: Golden, asked: dict[str, str], hint: str
) -> None:
    with pytest.raises(NotFound, match=hint):
        explain(**asked)
