"""What the wall, the telephone's pages, the page 数据安全 and the agencies' table promise."""

from __future__ import annotations

import dataclasses
import sys
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest

from dashboards.compiler.browser import open_page
from dashboards.compiler.commands import compiled
from dashboards.compiler.narrow import kept
from dashboards.compiler.specification import load_pages
from ingestion import places
from ingestion.clock import parse
from ingestion.contract import load_all
from ingestion.contract.model import Exemption
from orchestration.judging.revision import append_revisions, note_release
from orchestration.publish import publish
from tests.dashboards.published import records, rows
from tests.dashboards.small_city import AS_OF, write_build


def test_a_twin_shows_the_very_charts_of_its_page(city_home: Path) -> None:
    bundle = compiled()
    twins = [page for page in bundle.pages if page.of]
    assert {page.of for page in twins} == {"cockpit", "districts"}
    for twin in twins:
        assert bundle.charts[twin.id] is bundle.charts[twin.of]
        shown = {
            one["meta"]["uuid"]
            for one in bundle.files[f"dashboards/{twin.id}.yaml"]["position"].values()
            if isinstance(one, dict) and one["type"] == "CHART"
        }
        assert shown == {chart.uuid for chart in bundle.charts[twin.of].values()}
        assert all(len(row.blocks) == 1 for row in twin.rows)
    assert not [path for path in bundle.files if path.startswith("charts/cockpit-390")]


def test_a_narrow_table_keeps_its_name_and_its_lights() -> None:
    for page in load_pages():
        for block in page.blocks if page.of else ():
            if block.kind == "table" and not block.options.get("look"):
                columns = kept(block)
                assert columns[0] == next(iter(block.options["columns"]))
                assert len(columns) <= 4


def test_a_telephone_sees_390_px_and_nothing_beside_them(leader: Any) -> None:
    context = leader.browser.new_context(
        viewport={"width": 390, "height": 844}, is_mobile=True, locale="zh-CN",
        storage_state=leader.storage_state(),
    )  # fmt: skip
    view = open_page(context, "cockpit-390", 390)
    width, scrolled = view.page.evaluate(
        "() => [window.innerWidth, document.documentElement.scrollWidth]"
    )
    hidden = view.page.evaluate(
        """() => [...document.querySelectorAll("[data-test-chart-name='指标一览'] th")]
            .filter(th => getComputedStyle(th).display !== 'none').map(th => th.innerText.trim())"""
    )
    context.close()
    assert (width, scrolled) == (390, 390)
    assert set(hidden) == {"指标", "现值", "单位", "灯"}


def test_the_wall_fits_one_screen_and_reads_itself_anew(leader: Any) -> None:
    view = open_page(leader, "wall", 1920, standalone=3)
    bottom = view.page.evaluate(
        "() => Math.max(...[...document.querySelectorAll('.dashboard-component-chart-holder')]"
        ".map(one => one.getBoundingClientRect().bottom))"
    )
    view.page.close()
    assert bottom <= 1080
    metadata = compiled().files["dashboards/wall.yaml"]["metadata"]
    assert metadata["refresh_frequency"] == 300


def test_since_yesterday_counts_the_lights_of_a_day(city_home: Path) -> None:
    told = dict(rows("select item_no, changes_n from since_yesterday where district = '全市'"))
    day = "{column} > timestamp '{as_of}' - interval 1 day and left(rule_id, 2) not in ('MH', 'YP')"
    for item, light in ((1, "R"), (2, "Y")):
        [(lit,)] = records(
            f"select count(*) from fct_warning where light = '{light}' and "
            + day.replace("{column}", "raised_at")
        )
        assert told[item] == lit
    [(out,)] = records(
        "select count(*) from fct_warning where light in ('R', 'Y') and not is_standing and "
        + day.replace("{column}", "ended_at")
    )
    assert told[3] == out > 0
    assert rows(
        "select detail_text from since_yesterday where item_no = 4 and district = '全市'"
    ) == [("此前没有发布，无从比较",)]


def test_since_yesterday_names_the_indicator_whose_light_turned(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two releases; in between one district's newest light of D09 went from what it was to red."""
    monkeypatch.setenv("FENGQIAO_HOME", str(tmp_path))
    build = places.build() / "fengqiao.duckdb"
    write_build(build)
    with duckdb.connect(str(build), read_only=True) as con:
        judged = con.execute("select * from judged.fct_indicator").pl()
        [(newest, light)] = con.execute(
            "select max(period_end), max_by(light, period_end) from judged.fct_indicator"
            " where indicator_code = 'D09' and unit_code = '330624' and light is not null"
        ).fetchall()
    yesterday = parse("2026-10-30T09:00:00+08:00")
    append_revisions(judged)
    note_release("yesterday", yesterday)
    turned = "R" if light != "R" else "G"
    with duckdb.connect(str(build)) as con:
        con.execute(
            "update judged.fct_indicator set light = ? where indicator_code = 'D09'"
            " and unit_code = '330624' and period_end = ?",
            [turned, newest],
        )
    publish("today", parse(AS_OF))
    told = dict(rows("select district, detail_text from since_yesterday where item_no = 4"))
    words = {"R": "红", "Y": "黄", "G": "绿"}
    assert told["新昌县"] == f"矛盾纠纷化解率 {words[light]}→{words[turned]}"
    assert told["全市"] == told["诸暨市"] == "无"


def test_personal_findings_are_counted_and_never_quoted(city_home: Path) -> None:
    [(rows_n,)] = records("select count(*) from stg_quarantine where rule = 'personal_content'")
    assert rows_n > 0
    found = rows("select sum(all_rows) from personal_finding where kind_text = '文本中含个人号码'")
    assert found == [(rows_n,)]
    columns = {name for name, *_ in rows("describe personal_finding")}
    assert not columns & {"value", "value_shape", "reason", "shape_example"}


def test_a_zones_small_number_of_deleted_rows_stays_inside(city_home: Path) -> None:
    erased = dict(rows("select feed_code, erased_rows from erasure"))
    assert erased == {"F12": None, "P44": 1240}


def test_the_register_has_every_contract_and_its_levels(city_home: Path) -> None:
    told = dict(rows("select feed_code, level_text from purpose_register"))
    assert told == {c.code: f"{c.level_raw} → {c.level_landed}" for c in load_all().values()}
    [(columns,)] = rows("select sum(columns_n) from column_treatment")
    assert columns == sum(len(c.fields) for c in load_all().values())


def test_an_exemption_stands_on_the_page_until_its_day(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FENGQIAO_HOME", str(tmp_path))
    write_build(places.build() / "fengqiao.duckdb")
    contracts = dict(load_all())
    exemptions = (
        Exemption("weekday_volume", "王科", "新址搬迁", date(2026, 11, 5)),
        Exemption("fresh", "李科", "系统升级", date(2026, 10, 1)),
    )
    contracts["P44"] = dataclasses.replace(contracts["P44"], exemptions=exemptions)
    monkeypatch.setattr(sys.modules["ingestion.contract.load"], "load_all", lambda *_: contracts)
    publish("exempt", parse(AS_OF))
    told = rows("select owner, until_text, state_text from exemption order by exemption_no")
    assert told == [
        ("李科", "2026-10-01", "■ 已到期"),
        ("王科", "2026-11-05", "▲ 30日内到期"),
    ]


def test_an_agency_that_is_late_stands_with_the_indicators_it_affects(city_home: Path) -> None:
    told = rows(
        "select agency_text, late_n + missing_n + refused_n, wanting_text, affected_text"
        " from agency_board order by agency_no"
    )
    wanting = [one for one in told if one[2] != "—"]
    assert all(one[1] > 0 for one in wanting)
    owed = records(
        "select count(*) from fct_delivery where is_due and due_time > timestamp '{as_of}'"
        " - interval 30 day and due_time <= timestamp '{as_of}'"
    )
    assert rows("select sum(due_n) from agency_board") == owed
