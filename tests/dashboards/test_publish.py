"""What publish promises."""

from __future__ import annotations

import json
import re
from pathlib import Path

import duckdb
import pytest

from dashboards.server.roles import audiences, bench_name
from ingestion import places
from ingestion.clock import parse
from orchestration.publish import PublishError, mark, publish
from orchestration.publish.publish import PAGE_TABLES
from tests.dashboards.published import rows
from tests.dashboards.small_city import _INDICATORS, AS_OF, write_build

GRAINS = {
    "scope": "district",
    "period": "period, indicator_code",
    "indicator_board": "district, period, indicator_code",
    "indicator_trend": "district, indicator_code, line, month",
    "map_feature": "district, scope_code, period, indicator_code",
    "peer": "indicator_code, window_kind, period_start, period_end",
    "map_label": "unit_code",
    "unassigned": "period",
    "dispute_funnel": "district, period, stage_no",
    "feed_freshness": "feed_code",
    "delivery_daily": "day, status",
    "check_result": "feed_code, test_name",
    "quarantine_by_rule": "quarantine_order",
    "health_board": "tile_no",
    "tally": "topic, district, period, item_no",
    "duty": "topic, district, scope_code, duty_no",
    "listing": "topic, item_no",
    "unit_board": "district, scope_code, indicator_code, unit_level, place_no",
    "control_chart": "district, indicator_code, line, month",
    "district_value": "place, period, indicator_code",
    "district_matrix": "place, period",
    "kind_month": "indicator_code, unit_level, unit_name, month_text",
    "figure_board": "figure",
    "category_matrix": "system_no",
    "app_matrix": "domain",
    "definition": "indicator_code",
    "map_choice": "map_indicator",
    "index_month": "card, period",
    "index_version": "period, card_text, version_text",
    "index_unit": "period, card, unit_code",
    "index_pick": "pick, scope_code",
    "index_town": "district, scope_code, period, unit_code",
    "index_band": "district, scope_code, period, kind, band_text",
    "index_unscored": "district, scope_code, period, card_text, why_text",
    "index_chosen": "pick, scope_code, period",
    "index_step": "pick, scope_code, period, step_text, part",
    "index_item": "pick, scope_code, period, item_text",
    "index_profile": "pick, scope_code, period, dim_text",
    "index_trend": "pick, scope_code, line, month_text",
    "index_sign": "district, scope_code, sign_no",
    "index_department": "district, scope_code, period, unit_code",
    "light": "district, rule_id, ground, unit_department, light, life_state, is_standing",
    "light_rule": "district, rule_id",
    "light_life": "district, life_text, light_text",
    "light_agency": "district, scope_code, agency_no",
    "light_matrix": "place",
    "light_clock": "district, clock_no",
    "since_yesterday": "district, item_no",
    "purpose_register": "feed_code",
    "column_treatment": "level, treatment",
    "personal_finding": "feed_code, kind_text",
    "erasure": "run_no",
    "reader_role": "role_name",
    "security_board": "tile_no",
    "access_count": "access_no",
    "exemption": "exemption_no",
    "agency_board": "agency_no",
    "attention": "district, scope_code, period, indicator_code, attention_no",
    "failing_matter": "district, scope_code, indicator_code, matter_no",
    "red_case": "district, rules_text",
}


OWN = {code for code, *_ in _INDICATORS}


@pytest.fixture
def own_city(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("FENGQIAO_HOME", str(tmp_path))
    build = places.build() / "fengqiao.duckdb"
    write_build(build)
    publish("first", parse(AS_OF))
    return build


@pytest.mark.parametrize("table", GRAINS)
def test_a_page_table_has_rows_and_one_row_per_grain(city_home: Path, table: str) -> None:
    [(all_rows, distinct)] = rows(
        f"select count(*), count(distinct ({GRAINS[table]})) from {table}"
    )
    assert all_rows == distinct
    assert all_rows > 0


def test_every_page_table_says_its_grain() -> None:
    for file in PAGE_TABLES.rglob("*.sql"):
        assert file.read_text("utf-8").startswith("-- Grain: "), file.name


def test_the_board_shows_every_indicator_in_every_district_and_period(city_home: Path) -> None:
    # C02 and Q03 have no district values: the city's stand there and say so.
    [(newest,)] = rows("select count(*) from indicator_board where period = '最新'")
    with duckdb.connect(str(places.build() / "fengqiao.duckdb"), read_only=True) as con:
        # L05 is told by rule, never for a place.
        [(counted,)] = con.execute(
            "select count(*) from marts.dim_indicator where contains(levels, 'c')"
        ).fetchall()
    # The city, six districts, the median of the districts.
    assert newest == 8 * counted
    [(missing,)] = rows(
        "select count(*) from indicator_board where scope = '全市'"
        " and period = '最新' and district <> '全市' and value is null"
    )
    assert missing == 0


def test_a_value_of_the_whole_city_in_a_district_view_says_so(city_home: Path) -> None:
    said = dict(
        rows(
            "select indicator_code, light_reason from indicator_board"
            " where district = '诸暨市' and period = '最新'"
        )
    )
    of_the_city = {code for code, words in said.items() if str(words).startswith("全市")}
    # The indicators of the small city's own; the others follow the registry in the same way.
    assert of_the_city & OWN == {"C02", "C02#2", "Q01", "Q03"}
    [(differing,)] = rows("""
        select count(*) from indicator_board as own
        inner join indicator_board as city using (period, indicator_code)
        where city.district = '全市' and own.scope = '全市'
            and (own.value, own.light_text, own.change_text)
                is distinct from (city.value, city.light_text, city.change_text)""")
    assert differing == 0


def test_rows_of_no_town_are_shown_with_their_number_and_share(city_home: Path) -> None:
    [(tickets, disputes)] = rows(
        "select tickets_text, disputes_text from unassigned where period = '最新'"
    )
    assert re.fullmatch(r"12345工单 2,000 件（占全市 100.0%，2026年9月）", str(tickets))
    assert "2026年8月" in str(disputes)


def test_a_light_is_always_a_word_and_a_shape(city_home: Path) -> None:
    shown = {text for (text,) in rows("select distinct light_text from indicator_board")}
    assert shown <= {"■ 红", "▲ 黄", "● 绿", "○ 灰"}
    assert len(shown) > 1


def test_newest_is_the_newest_final_month(city_home: Path) -> None:
    # D09 becomes final 60 days after its month: on 31 October that is August.
    assert rows(
        "select period_text from indicator_board where indicator_code = 'D09'"
        " and period = '最新' and district = '全市'"
    ) == [("2026年8月",)]


def test_the_funnel_never_widens(city_home: Path) -> None:
    [(widening,)] = rows("""
        select count(*) from (select disputes_n - lag(disputes_n) over (
            partition by district, period order by stage_no) as more from dispute_funnel)
        where more > 0""")
    assert widening == 0


def test_the_map_draws_each_district_its_name_and_its_towns(city_home: Path) -> None:
    [(text,)] = rows(
        "select feature from map_feature where scope_code = 'restricted'"
        " and period = '最新' and indicator_code = 'D09'"
    )
    collection = json.loads(str(text))
    named = {feature["extraProps"]["名称"] for feature in collection["features"]}
    assert {"越城区", "柯桥区", "上虞区", "新昌县", "诸暨市", "嵊州市"} <= named
    assert len(named) == 6 + 82
    shapes = [feature["geometry"]["type"] for feature in collection["features"]]
    assert shapes.count("MultiPolygon") >= 6 * 3
    # A shape without a place would make the map zoom out to the whole earth.
    assert "null" not in json.dumps([feature["geometry"] for feature in collection["features"]])
    # Labels come last, or towns would cover them.
    assert shapes[-1] == "MultiPolygon"


def test_under_the_same_choice_a_districts_leader_gets_a_map_of_the_own_district(
    city_home: Path,
) -> None:
    [(text,)] = rows(
        "select feature from map_feature where scope_code = 'only:330681'"
        " and district = '全市' and period = '最新' and indicator_code = 'D09'"
    )
    named = {feature["extraProps"]["名称"] for feature in json.loads(str(text))["features"]}
    assert "诸暨市" in named
    assert not {"越城区", "柯桥区", "上虞区", "新昌县", "嵊州市"} & named


def test_the_median_of_the_districts_is_that_of_their_values(city_home: Path) -> None:
    [(told, counted)] = rows("""
        select peer.value, (select median(value) from indicator_board
            where period = '最新' and indicator_code = 'D07'
            and scope_code in ('330602', '330603', '330604', '330624', '330681', '330683'))
        from indicator_board as peer
        where peer.period = '最新' and peer.indicator_code = 'D07' and peer.scope_code = 'peer'
    """)
    assert told == pytest.approx(counted)


def test_a_towns_light_can_be_told_without_its_colour(city_home: Path) -> None:
    corners = {"红": 4, "黄": 3, "绿": 16, "灰": 16}
    seen = set()
    for (text,) in rows("select feature from map_feature where district = '全市'"):
        for feature in json.loads(text)["features"]:
            if feature["extraProps"]["名称"].endswith(("街道", "镇", "乡")):
                light = feature["extraProps"]["灯"]
                assert len(feature["geometry"]["coordinates"][0]) - 1 == corners[light]
                seen.add(light)
    assert {"红", "黄", "绿"} <= seen


def test_a_label_hides_no_more_than_a_few_towns_and_stands_in_no_other_district(
    city_home: Path,
) -> None:
    for code, towns_n, other_corners_n in rows(
        "select unit_code, towns_n, other_corners_n from map_label"
    ):
        assert int(str(towns_n)) <= 4, code
        assert other_corners_n == 0, code


def test_publishing_twice_gives_equal_tables(own_city: Path) -> None:
    names = [name for (name,) in rows("select table_name from duckdb_tables()")]

    def prints() -> dict[object, object]:
        return {n: rows(f"select bit_xor(hash(t)) from {n} as t") for n in names}

    first = prints()
    publish("first", parse(AS_OF))
    assert prints() == first


def test_a_failed_build_leaves_yesterdays_pages_and_they_say_so(own_city: Path) -> None:
    before = rows("select * from indicator_board order by all")
    with duckdb.connect(str(own_city)) as connection:
        connection.execute("drop table judged.fct_indicator")
    with pytest.raises(PublishError, match="page table"):
        publish("second", parse(AS_OF))
    assert rows("select release_id, state from page_status") == [("first", "ok")]
    assert mark("stale", "本日更新失败,沿用上次发布")
    assert rows("select release_id, state, state_text from page_status") == [
        ("first", "stale", "本日更新失败,沿用上次发布")
    ]
    assert rows("select * from indicator_board order by all") == before
    benches = {f"{bench_name(audience)}.duckdb" for audience in audiences()}
    assert {file.name for file in places.serving().iterdir()} == {"pages.duckdb", *benches}


def test_a_served_table_is_published_without_lineage_columns(city_home: Path) -> None:
    columns = [
        name
        for (name,) in rows(
            "select column_name from duckdb_columns() where table_name = 'uk01_street_crime'"
        )
    ]
    assert "crime_type" in columns
    assert not [name for name in columns if str(name).startswith("_")]


def test_page_sql_never_asks_the_machine_for_the_time() -> None:
    clock = re.compile(r"\b(now\s*\(|current_date|current_timestamp|get_current_time)", re.I)
    for file in PAGE_TABLES.rglob("*.sql"):
        assert not clock.search(file.read_text("utf-8")), file.name


def test_what_is_hidden_reads_so_in_every_table(city_home: Path) -> None:
    """k-anonymity is applied in the judged values; pages carry it."""
    told = rows("select distinct value_text from indicator_board where indicator_code = 'H04'"
        " and district = '诸暨市'")  # fmt: skip
    assert told == [("不公开",)]
    assert rows("select distinct h04, y05 from district_matrix where place = '诸暨市'") == [
        ("不公开", "不公开")
    ]
    for table in ("district_value", "indicator_trend", "control_chart"):
        place = "place" if table == "district_value" else "district"
        [(leaked,)] = rows(
            f"select count(value) from {table} where indicator_code in ('H04', 'Y05')"
            f" and {place} = '诸暨市'" + ("" if place == "place" else " and line not like '◆ 全市'")
        )
        assert leaked == 0, table


def test_the_figures_of_the_ledger_follow_from_its_rows(city_home: Path) -> None:
    told = dict(rows("select figure, value_text from figure_board where left(figure, 1) = 'G'"))
    assert [told[f"G0{n}"] for n in range(1, 9)] == ["50", "42", "39", "3", "19", "21", "24", "3"]
    # What the health zone told of itself; a total below ten stays there.
    assert (told["G09"], told["G10"], told["G11"]) == ("1,230", "140", "—")
    assert (told["G25"], told["G26"], told["G27"], told["G28"]) == ("38", "13", "6", "6")


def test_page_sql_writes_no_published_figure_down() -> None:
    figure = re.compile(r"\b(33,?018|704|3,?125|710|26,?000|113,?000|31\.59)\b")
    for file in PAGE_TABLES.rglob("*.sql"):
        assert not figure.search(file.read_text("utf-8")), file.name


@pytest.mark.parametrize(
    ("table", "rank", "of"),
    [("unit_board", "place_no", "indicator_code, unit_level"), ("duty", "duty_no", "topic")],
)
def test_a_ranked_list_begins_with_one_for_every_reader(
    city_home: Path, table: str, rank: str, of: str
) -> None:
    """A page shows the first few: a district's leader must not find an empty list under 全市."""
    [(lists, late)] = rows(f"""
        select count(*), count(*) filter (where first_no > 1) from (
            select min({rank}) as first_no from {table} group by district, scope_code, {of})""")
    assert lists > 0
    assert late == 0
