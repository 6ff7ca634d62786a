"""City → district → town → matters on the pages: what wants attention, since when, what failed."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from dashboards.compiler.expand import composites
from dashboards.compiler.specification import load_pages
from tests.dashboards.published import records, rows
from tests.dashboards.small_records import COUNTED

NEWEST = "indicator_code = 'D09' and period = '最新' and scope_code = 'restricted'"


def test_every_red_or_yellow_unit_of_the_month_is_named(city_home: Path) -> None:
    """The newest final month of D09 in the small city is August 2026."""
    told = rows(f"""
        select level_text, unit_name, left(light_text, 1) from attention
        where {NEWEST} and light_text <> '● 绿' order by all""")
    lit = records("""
        select case value.unit_level when 'district' then '区县' else '镇街' end, unit.name_zh,
            case light when 'R' then '■' else '▲' end
        from fct_indicator as value inner join dim_unit as unit using (unit_level, unit_code)
        where indicator_code = 'D09' and period_start = '2026-08-01' and light in ('R', 'Y')
            and value.unit_level in ('district', 'town')
            and value.unit_code not in ('unassigned', '330600') order by all""")
    assert told == lit
    assert lit


def test_since_when_is_the_first_month_in_a_row(city_home: Path) -> None:
    months = records("""
        select unit.name_zh, period_start, light
        from fct_indicator as value inner join dim_unit as unit using (unit_level, unit_code)
        where indicator_code = 'D09' and light is not null and period_start <= '2026-08-01'
            and value.unit_level = 'town' order by period_start""")
    lights: dict[str, list[tuple[int, int, str]]] = {}
    for name, month, light in months:
        lights.setdefault(name, []).append((month.year, month.month, light))
    told = rows(f"""
        select unit_name, since_text from attention
        where {NEWEST} and level_text = '镇街' and light_text in ('■ 红', '▲ 黄')""")
    assert told
    for name, since in told:
        history = lights[name][::-1]
        run = next((n for n, one in enumerate(history) if one[2] != history[0][2]), len(history))
        year, month, _ = history[run - 1]
        assert since.startswith(f"{year}年{month}月"), name
        assert f"连续{run}个月" in since, name


def test_a_bad_month_under_a_green_light_is_told_as_chance(city_home: Path) -> None:
    for value, yellow, reading, light in rows(f"""
            select value_text::double, 97, reading_text, light_text from attention
            where {NEWEST} and unit_name <> '没有亮红黄灯的，当月也没有越线的'"""):
        if light == "● 绿":
            assert value <= yellow  # as printed
            assert reading.startswith("多半是偶然")
        elif value > yellow:
            assert reading.startswith("当月已达标")


@pytest.mark.parametrize("code", COUNTED)
def test_the_newest_failing_matters_stand_masked(city_home: Path, code: str) -> None:
    told = rows(f"""
        select town, matter_text, due_text from failing_matter
        where indicator_code = '{code}' and scope_code = 'restricted'""")
    assert told
    towns = [town for town, *_ in told]
    assert max(towns.count(town) for town in set(towns)) <= 5
    assert all(re.fullmatch(r".{3}….{3}", number) for _, number, _ in told)
    failed = records(f"""
        select name_zh, left(row_key, 3) || '…' || right(row_key, 3)
        from ind_{code.lower()}_rows
        inner join dim_unit on unit_level = 'town' and unit_code = unit_town
        where is_numerator = 0""")
    assert {(town, number) for town, number, _ in told} <= set(failed)


def test_a_district_reads_the_matters_of_its_own_towns(city_home: Path) -> None:
    for scope, place in rows("""
            select distinct right(scope_code, 6), place from failing_matter
            where scope_code <> 'restricted' and place <> '—'"""):
        [(name,)] = records(
            f"select name_zh from dim_unit where unit_level = 'district' and unit_code = '{scope}'"
        )
        assert place == name


def test_red_cases_add_up_to_the_figure(city_home: Path) -> None:
    parts = rows("select rules_text, cases_n from red_case where district = '全市'")
    whole = dict(parts).pop("合计")
    assert sum(n for rules, n in parts if rules != "合计") == whole
    [(figure,)] = rows("select value from figure_board where figure = 'G14'")
    assert whole == figure > 0


def test_links_lead_to_pages() -> None:
    pages = {page.id for page in load_pages()}
    text = str(composites())
    linked = set(re.findall(r'/superset/dashboard/([^/"]+)/', text))
    assert linked <= pages
    # The way from the cockpit leads to every page but itself, its twins and the foreign example.
    own = {p.id for p in load_pages() if not p.of} - {"west-yorkshire"}
    assert own <= linked | {"cockpit"}


def test_a_page_has_at_most_six_big_numbers() -> None:
    for page in load_pages():
        shown = 0
        for block in page.blocks:
            if block.kind == "number":
                shown += 1
            if block.kind == "tiles":
                where = block.options.get("where", {})
                shown += len(where.get("indicator_code") or where.get("figure") or [0] * 6)
        assert shown <= 6, page.id
