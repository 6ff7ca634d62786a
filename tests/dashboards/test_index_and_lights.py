"""What the pages of the stability index and of the lights promise of their rows."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.dashboards.published import records, rows

READERS = {
    "leader": "scope_code not like 'only:%'",
    "leader_330681": "scope_code in ('city', 'peer', '330681', 'only:330681')",
}


def test_the_waterfall_leads_from_the_peers_median_to_the_score(city_home: Path) -> None:
    """The printed steps sum to the last bar, which is the score's distance from the median."""
    told = rows("""
        select any_value(town.score - town.peer_score)::double,
            sum(step.points) filter (where step.part = '得分比同类中位数')::double,
            sum(try_cast(regexp_extract(step.step_text, '[+-][0-9.]+$') as double))
                filter (where step.part in ('拉低', '拉高', '继承值'))
        from index_chosen as town
        inner join index_step as step using (pick, scope_code, period)
        where town.period = '最新' group by town.pick, town.scope_code""")
    assert len(told) > 100
    for distance, last_bar, steps in told:
        assert last_bar == pytest.approx(distance)
        assert steps == pytest.approx(distance, abs=0.05)  # nine steps of two decimals


def test_a_step_of_the_waterfall_stands_where_the_one_before_it_ended(city_home: Path) -> None:
    """Foot and bar never lie on different sides of zero, and the last step ends at the score."""
    [(crossing,)] = rows("""
        select count(*) from (
            select sum(points) filter (where part = '　') as foot,
                sum(points) filter (where part <> '　') as bar
            from index_step group by pick, scope_code, period, step_text)
        where foot * bar < -1e-9""")
    assert crossing == 0


def test_a_rank_is_printed_only_where_judging_gave_one(city_home: Path) -> None:
    [(ranked,)] = records(
        "select count(*) from judged.fct_index where card = 'TOWN' and rank is not null"
        " and period_start = '2026-09-01'"
    )
    [(printed,)] = rows(
        "select count(*) from index_town where rank_text <> '—' and period = '最新'"
        " and scope_code = 'restricted'"
    )
    assert printed == ranked == 1


def test_units_without_a_score_say_why(city_home: Path) -> None:
    told = rows(
        "select card_text, why_text, units_n from index_unscored where period = '最新'"
        " and scope_code = 'restricted' and card_text = '镇街卡'"
    )
    assert told == [("镇街卡", "数据不足：维度D7有数据的权重不足60%", 2)]
    assert rows(
        "select distinct score_text, interval_text, band_text from index_town"
        " where why_not_zh is not null"
    ) == [("—", "—", "—")]


def test_another_month_shows_that_month(city_home: Path) -> None:
    months = {m for (m,) in rows("select distinct period from index_town")}
    assert months == {"最新", "2026年08月", "2026年09月"}
    changed = rows("""
        select count(*) from index_town as newest
        inner join index_town as earlier using (district, scope_code, unit_code)
        where newest.period = '最新' and earlier.period = '2026年08月'
            and newest.score_text <> earlier.score_text""")
    assert changed[0][0] > 0


def test_the_lowest_town_is_the_lowest_that_the_reader_may_see(city_home: Path) -> None:
    """Exactly one, and of a district's leader one of the own district."""
    for clause in READERS.values():
        assert (
            len(rows(f"select unit_code from index_pick where pick = '最低分' and {clause}")) == 1
        )
    [(own,)] = rows(
        f"select unit_code from index_pick where pick = '最低分' and {READERS['leader_330681']}"
    )
    assert str(own).startswith("330681")


@pytest.mark.parametrize(
    "table",
    ["index_pick", "index_town", "index_chosen", "index_step", "index_item", "index_trend"],
)
def test_a_districts_leader_reads_of_the_own_towns_only(city_home: Path, table: str) -> None:
    own = {
        name
        for (name,) in records(
            "select name_zh from marts.dim_unit where unit_level = 'town'"
            " and district_code = '330681'"
        )
    }
    column = "unit_name" if table == "index_town" else "pick"
    seen = {
        name
        for (name,) in rows(
            f"select distinct {column} from {table} where {READERS['leader_330681']}"
        )
    }
    assert seen - {"最低分"}
    assert seen - {"最低分"} <= own


def test_the_two_cards_are_never_in_one_table(city_home: Path) -> None:
    towns = {code for (code,) in rows("select distinct unit_code from index_town")}
    departments = {code for (code,) in rows("select distinct unit_code from index_department")}
    assert towns
    assert departments
    assert not towns & departments


def test_no_light_of_a_zone_stands_on_the_page(city_home: Path) -> None:
    [(lit,)] = records("select count(*) from marts.fct_warning where left(rule_id, 2) = 'YP'")
    assert lit > 0
    for table in ("light", "light_rule"):
        assert rows(f"select count(*) from {table} where left(rule_id, 2) in ('MH', 'YP')") == [
            (0,)
        ]
    [(shown, told)] = rows("""
        select (select sum(lights_n) from light_life where district = '全市'),
            (select sum(lights_n) from light_rule
                where district = '全市' and family = '两法衔接')""")
    assert shown == told > 0


def test_no_table_of_lights_names_a_matter(city_home: Path) -> None:
    columns = {
        name
        for (name,) in rows(
            "select column_name from duckdb_columns() where table_name like 'light%'"
        )
    }
    assert not columns & {"warning_key", "entity_code", "case_id", "party_id", "unit_town"}


def test_a_rule_that_nobody_reviewed_has_no_precision(city_home: Path) -> None:
    told = dict(rows("select rule_id, precision_text from light_rule where district = '全市'"))
    assert told["XL-R01"] == "● 75%"
    assert told["XL-Y06"] == "▲ 10% 应修订"
    assert told["DM-Y1"] == "○ 无复核"


def test_a_sign_of_a_town_is_read_by_its_district_and_the_city_only(city_home: Path) -> None:
    told = rows(
        "select distinct district, scope_code, sign_text from index_sign where sign_text <> '—'"
    )
    assert {(d, s) for d, s, _ in told} == {
        ("全市", "restricted"), ("全市", "only:330681"), ("诸暨市", "330681"),
    }  # fmt: skip
    nothing = rows("select count(*) from index_sign where unit_name = '没有提示'")
    assert nothing[0][0] > 0
