"""A deterministic small city in the schemas that the dbt project and the judging step write.

It lets the pages be built and looked at without a pipeline run. Values are arithmetic on row
numbers (no random generator), so two builds are equal byte for byte where it matters.
"""

from __future__ import annotations

from pathlib import Path

import duckdb
import polars as pl

from orchestration.transform import declassified
from tests.dashboards.small_index import write_index, write_lights
from tests.dashboards.small_records import SEEDS, write_records

AS_OF = "2026-10-31 09:00:00"

# code, name, unit, direction, target, yellow, red, target_text, levels, base, spread, owner
_INDICATORS = [
    ("C01", "场景应用上线率", "%", "higher", 84, 80, 70, "≥84", "cd", 84.0, 0.0, "市委改革办"),
    (
        "C02",
        "场景应用试点推广率(占上线)",
        "%",
        "higher",
        92,
        80,
        60,
        "≥92.86",
        "c",
        92.86,
        0.0,
        "市委改革办",
    ),
    (
        "C02#2",
        "场景应用试点推广率(占入库)",
        "%",
        "higher",
        78,
        70,
        50,
        "≥78",
        "c",
        78.0,
        0.0,
        "市委改革办",
    ),
    ("D07", "12345按期办结率", "%", "higher", 98, 98, 95, "≥98", "cdt", 98.2, 1.6, "市信访局"),
    ("D09", "矛盾纠纷化解率", "%", "higher", 97, 97, 93, "≥97", "cdt", 97.3, 2.4, "市社会治理中心"),
    (
        "D12",
        "纠纷化解时长中位数",
        "天",
        "lower",
        15,
        20,
        30,
        "≤15",
        "cdt",
        13.0,
        7.0,
        "市社会治理中心",
    ),
    (
        "P01",
        "刑事警情万人发案率",
        "起/万人",
        "lower",
        None,
        None,
        None,
        "≤12个月均值",
        "cdt",
        2.4,
        1.1,
        "市公安局",
    ),
    ("Q01", "数据到达及时率", "%", "higher", 99, 98, 95, "≥99", "cf", 98.9, 1.2, "市大数据局"),
    (
        "Q02",
        "48类归集完整率",
        "%",
        "higher",
        100,
        95.8,
        89.6,
        "48/48",
        "cd",
        6.25,
        0.0,
        "市大数据局",
    ),
    ("Q03", "质量规则通过率", "%", "higher", 99, 98, 95, "≥99", "cf", 99.3, 1.0, "市大数据局"),
]
_FEEDS = [
    ("P44", "12345工单", "p44_hotline_ticket"),
    ("P40", "警情汇总", "p40_police_call_aggregate"),
    ("P32", "矛盾纠纷登记", "p32_dispute_registration"),
    ("F20", "纠纷流转事件", "f20_dispute_case_event"),
    ("F24", "场景应用台账", "f24_scene_app_ledger"),
    ("UK01", "西约克郡街头犯罪", "uk01_street_crime"),
]


def write_build(file: Path) -> None:
    """Write the build file of the small city to `file`."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.unlink(missing_ok=True)
    with duckdb.connect(str(file)) as connection:
        for schema in ("marts", "judged", "staging", "seeds"):
            connection.execute(f"create schema {schema}")
        steps = (_dimensions, _units, write_records, _judged, _deliveries, _quality, _disputes,
                 _street_crime, write_index, write_lights)  # fmt: skip
        for step in steps:
            step(connection)
    totals = {"G09": 1230.0, "G10": 140.0, "G11": None}
    declassified.replace(file, [pl.DataFrame([
        {"indicator_code": figure, "unit_level": "city", "unit_code": "330600",
         "window_kind": "to_date", "numerator": total, "is_hidden": total is None}
        for figure, total in totals.items()
    ])])  # fmt: skip


def _dimensions(connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute(f"""
        create table seeds.seed_division as
            select * replace (try_cast(lon as double) as lon, try_cast(lat as double) as lat,
                              pop_resident::bigint as pop_resident)
            from read_csv('{SEEDS / "seed_division.csv"}', all_varchar = true);
        create table seeds.seed_district_boundary as
            select region_code, part_no::int as part_no, ring
            from read_csv('{SEEDS / "seed_district_boundary.csv"}', all_varchar = true);
    """)
    connection.execute("create table feed (feed_code varchar, name_zh varchar, feed_table varchar)")
    connection.executemany("insert into feed values (?, ?, ?)", _FEEDS)
    connection.execute("""
        create table marts.dim_unit as
        select case unit_level when '1' then 'city' when '2' then 'district' else 'town' end
                   as unit_level,
            case unit_level when '3' then town_code else region_code end as unit_code, name_zh,
            case unit_level when '2' then 'city' when '3' then 'district' end as parent_level,
            case unit_level when '2' then '330600' when '3' then region_code end as parent_code,
            case when unit_level <> '1' then region_code end as district_code,
            lon, lat, pop_resident as population, nullif(town_type, '') as town_type
        from seeds.seed_division
        union all
        select 'district', '330600', '市级', 'city', '330600', '330600', null, null, null, null
        union all
        select level, 'unassigned', '未归属', 'city', '330600', null, null, null, null, null
        from (values ('district'), ('town')) as bucket (level)
        union all
        select 'feed', feed_code, name_zh, 'city', '330600', null, null, null, null, null
        from feed
    """)
    connection.execute("""
        create temporary table own (
            indicator_code varchar, name_zh varchar, unit varchar, direction varchar,
            target double, yellow double, red double, target_text varchar, levels varchar,
            base double, spread double, owner_zh varchar)
    """)
    connection.executemany(f"insert into own values ({', '.join('?' * 12)})", _INDICATORS)
    # The whole registry; the ten indicators above with limits and values of their own.
    connection.execute(f"""
        create table marts.dim_indicator as
        select registry.* replace (
                case when own.indicator_code is null then try_cast(registry.target as double)
                    else own.target end as target,
                case when own.indicator_code is null then try_cast(registry.yellow as double)
                    else own.yellow end as yellow,
                case when own.indicator_code is null then try_cast(registry.red as double)
                    else own.red end as red,
                coalesce(own.unit, registry.unit) as unit,
                case when own.indicator_code in ('P01', 'C02') then 2
                    when own.indicator_code is not null then 1
                    else registry.decimals::int end as decimals),
            coalesce(own.levels, case when contains(unit_levels, 'city') then 'c' else '' end
                || case when contains(unit_levels, 'district') then 'd' else '' end
                || case when contains(unit_levels, 'town') then 't' else '' end) as levels,
            coalesce(own.base, try_cast(registry.target as double), 50) as base,
            coalesce(own.spread, 1) as spread, own.indicator_code is not null as is_own
        from read_csv('{SEEDS / "seed_indicator_registry.csv"}', all_varchar = true) as registry
        left join own using (indicator_code);
        create table marts.dim_date as
        select cal_date, is_workday,
            count(*) filter (where is_workday) over (order by cal_date) as workday_no
        from read_csv('{SEEDS / "seed_workday_calendar.csv"}');
    """)


def _units(connection: duckdb.DuckDBPyConnection) -> None:
    """Departments, stations and the kinds, courts and models that indicators are told by."""
    connection.execute(f"""
        create temporary table organisation as
        select * from read_csv('{SEEDS / "seed_organisation.csv"}', all_varchar = true);
        create temporary table code as
        select * from read_csv('{SEEDS / "seed_code.csv"}', all_varchar = true) where code <> '*';
        insert into marts.dim_unit
        select 'unit', org_code, name_zh, 'city', '330600', region_code, null, null, null, null
        from organisation
        union all
        select case org_kind when '04' then 'station' else 'department' end, org_code, name_zh,
            'city', '330600', region_code, null, null, null, null
        from organisation where org_kind in ('01', '04')
        union all
        select level, code, label_zh, 'city', '330600', null, null, null, null, null
        from code
        inner join (values ('kind', 'OPINION_KIND'), ('enforcement_domain', 'ENF_DOMAIN'),
            ('domain', 'DOMAIN'), ('court', 'COURT_CODE'), ('model', 'CLUE_MODEL'),
            ('matter', 'COOP_MATTER'), ('rule', 'WARN_RULE')) as kind (level, code_table)
            using (code_table)
    """)


def _judged(connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute(f"""
        create table judged.fct_indicator as
        with month as (
            select m::date as period_start, last_day(m::date) as period_end
            from generate_series(date '2025-10-01', date '2026-10-01', interval 1 month) as t (m)
        ),
        unit as (
            select unit_level, unit_code, population, (hash(unit_code) % 997) / 997.0 as twist
            from marts.dim_unit
            where not (unit_level = 'district' and unit_code = '330600')
        ),
        cell as (
            select i.*, unit.*, period_start, period_end,
                date_diff('month', date '2025-10-01', period_start) as month_no,
                i.window_kinds = 'stock' as is_stock,
                -- Services to patients and minors are hidden below the city.
                left(i.indicator_code, 1) in ('H', 'Y') and unit_level <> 'city' as is_hidden,
                case unit_level when 'city' then 0 when 'district' then twist - 0.5
                    else (twist - 0.5) * 2.4 end as away
            from marts.dim_indicator as i, unit, month
            where (unit_level = 'city' and contains(levels, 'c'))
               or (unit_level = 'district' and contains(levels, 'd'))
               or (unit_level = 'town' and contains(levels, 't'))
               or (unit_level = 'feed' and contains(levels, 'f'))
               or (unit_level not in ('city', 'district', 'town', 'feed')
                   and list_contains(string_split(i.unit_levels, ';'), unit_level))
        ),
        valued as (
            select *, case when unit = '%' then least(100, v) else greatest(0.1, v) end as value
            from (select *, base + spread * (away + 0.35 * sin(month_no * 1.1 + twist * 6)) as v
                  from cell)
            where not is_stock or month_no = 12
        ),
        flagged as (
            select *, period_end > date '2026-10-30' and not is_stock as is_running,
                indicator_code = 'D09' and period_start > date '2026-08-01' as is_provisional,
                case when direction = 'lower' then -1 else 1 end as sign
            from valued
        )
        select indicator_code, unit_level, unit_code,
            case when is_stock then 'stock' else 'month' end as window_kind,
            period_start,
            case when is_stock then date '2026-10-30' else period_end end as period_end,
            case when is_stock then '2026-10-30' else strftime(period_start, '%Y-%m') end
                as period_label,
            round(value * 20) as numerator, 2000.0 as denominator,
            case when not is_hidden then value end as value,
            value as value_shrunk, value - 1 as interval_low, value + 1 as interval_high,
            value * 240 as rolling_numerator, 24000.0 as rolling_denominator,
            0.1 as p_yellow, 0.1 as p_red,
            case when is_running or is_provisional or is_hidden or indicator_code = 'Q02' then null
                when indicator_code = 'P01' and value > base + 0.8 then 'R'
                when indicator_code = 'P01' and value > base + 0.4 then 'Y'
                when sign * value < sign * red then 'R'
                when sign * value < sign * yellow then 'Y' else 'G' end as light,
            case when is_running then '时段未结束,不评灯'
                when is_provisional then '60日观察期未满,暂定值不评灯'
                when indicator_code = 'Q02' then '48类签约未全,不评灯'
                else '滚动12个月后验概率' end as light_reason_zh,
            value - lag(value) over (
                partition by indicator_code, unit_level, unit_code order by period_start
            ) as change_month,
            null::double as change_year, target, yellow as threshold_yellow, red as threshold_red,
            is_provisional, not is_running as is_complete, is_running, 12::bigint as open_n,
            is_hidden as suppressed, 'ok' as quality_flag,
            timestamp '2026-10-31 07:40:00' as fresh_until,
            1 as formula_version, timestamp '{AS_OF}' as as_of, 'small-city' as release_id
        from flagged
    """)


def _deliveries(connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute("""
        create table staging.stg_o01_delivery_log as
        with due as (
            select feed_code, feed_table, d::date as period_end, d::date as period_start,
                (d + interval 32 hour)::timestamp as due_time, row_number() over () as n
            from feed, generate_series(date '2026-09-20', date '2026-10-30', interval 1 day)
                as t (d)
            where feed_code in ('P44', 'P40', 'P32', 'F20')
               or (feed_code = 'F24' and dayofweek(d::date) = 5)
               or (feed_code = 'UK01' and d::date = date '2026-10-01')
        )
        select md5(feed_code || period_end) as delivery_id, feed_code, feed_table,
            '11330600XN00000129' as owner_org_code, '330600' as region_code, period_start,
            period_end, due_time,
            due_time + to_minutes(case when n % 41 = 0 then 95 else -40 end) as landed_time,
            2600 + n % 83 as rows_n, 2000 + n % 83 as inserted_n, 590 as updated_n, 0 as deleted_n,
            3 as unchanged_n, 2 as superseded_n, 5 as quarantined_n, 0 as indistinguishable_n,
            2595 + n % 83 as valid_rows_n, 'a1b2c3' as schema_hash,
            case when n % 53 = 0 then '4' when n % 41 = 0 then '2' else '1' end as status,
            case when n % 53 = 0 then '未知列: 备注2' end as refusal,
            feed_code || '_' || strftime(period_end, '%Y%m%d') || '.csv' as file_name,
            lower(feed_code) || '.agency' as sender, false as is_backfill
        from due;
        create table marts.fct_delivery as
        select feed_code, owner_org_code, region_code, period_start, period_end, due_time,
            true as is_due, false as is_beside,
            case when status <> '4' then landed_time end as landed_time, status, refusal,
            delivery_id, rows_n, valid_rows_n, quarantined_n, inserted_n, updated_n, unchanged_n,
            file_name, sender, is_backfill, 1 as receipts_n
        from staging.stg_o01_delivery_log;
    """)


def _quality(connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute("""
        create table marts.fct_quality_test as
        select md5(feed_code || name || d) as run_id, feed_code,
            '11330600XN00000129' as owner_org_code, name as test_name,
            case when name = 'row_count_weekday' then 'W' else 'E' end as severity,
            (d + interval 8 hour)::timestamp as run_time,
            hash(feed_code || name || d::varchar) % 97 > 0 as passed,
            case when hash(feed_code || name || d::varchar) % 97 > 0 then 0 else 4 end
                as failed_rows_n, 2600 as checked_rows_n
        from feed,
            (values ('row_count_weekday'), ('key_unique'), ('fresh'), ('foreign_key')) as t (name),
            generate_series(date '2026-10-01', date '2026-10-31', interval 1 day) as s (d);
        create table staging.stg_quarantine as
        select feed_code, delivery_id, file_name, (n * 37)::bigint as source_row,
            column_name, rule, 'E' as severity, value_shape, reason_zh, landed_time
        from staging.stg_o01_delivery_log, generate_series(1, 5) as g (n),
            (values (1, 'topic_code', 'code', '5位数字', '代码不在代码表内'),
                (1, '', 'personal_content', '11位数字', '文本中含个人号码（手机号）'),
                (2, 'accept_time', 'type', '8位文字', '日期无法识别'),
                (3, 'ticket_id', 'required', '空', '必填项为空'),
                (4, 'topic_code', 'pattern', '7位数字', '格式不符'),
                (5, '', 'structure', '14列', '列数不符')
            ) as r (k, column_name, rule, value_shape, reason_zh)
        where k = n and feed_code in ('P44', 'P32', 'P40');
        create table staging.stg_retention_run as
        select 'F12' as feed_code, 'f12_smd_patient_care' as table_name,
            timestamp '2026-10-18 02:00:00' as run_time,
            timestamp '2025-10-18 02:00:00' as cutoff_time,
            7::bigint as rows_n, 0::bigint as markers_n
        union all
        select 'P44', 'p44_hotline_ticket', timestamp '2026-10-25 02:00:00',
            timestamp '2024-10-25 02:00:00', 1240, 3;
    """)


def _disputes(connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute("""
        create table marts.fct_dispute as
        select 'JF' || n as dispute_code,
            timestamp '2025-10-01 08:00:00' + to_minutes((n * 190)::bigint) as register_time,
            unit_code as town_code,
            (select codes[1 + (n % len(codes))::int] from picked where pool = 'DISPUTE_TYPE')
                as dispute_type,
            case when n % 50 > 0 then register_time + interval 4 hour end as first_dispatched_time,
            case when n % 25 > 0 then register_time + interval 2 day end as first_mediating_time,
            case when n % 12 > 0 then register_time + interval 9 day end as first_agreed_time,
            case when n % 11 > 0 then register_time + interval 16 day end as first_06_time
        from generate_series(1, 2990) as g (n)
        join (select unit_code, row_number() over (order by unit_code) as k from marts.dim_unit
              where unit_level = 'town') as town on k = 1 + n % 103
    """)


def _street_crime(connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute("""
        create table staging.stg_uk01_street_crime as
        select case when n % 6 > 0 then md5(n::varchar) end as crime_id,
            date '2017-07-01' as month, 'West Yorkshire Police' as reported_by,
            'West Yorkshire Police' as falls_within,
            case when n % 9 > 0 then -1.55 + sin(n * 0.7) * 0.12 * (n % 17) / 17 end as longitude,
            case when n % 9 > 0 then 53.80 + cos(n * 0.7) * 0.07 * (n % 17) / 17 end as latitude,
            'On or near Example Street' as location,
            case when n % 9 > 0 then 'E0101' || lpad((n % 40)::varchar, 4, '0') end as lsoa_code,
            case when n % 9 > 0 then 'Leeds ' || lpad((n % 40)::varchar, 3, '0') || 'A' end
                as lsoa_name,
            ['Violence and sexual offences', 'Anti-social behaviour', 'Burglary', 'Vehicle crime',
             'Shoplifting', 'Drugs', 'Robbery'][1 + (n * n) % 7] as crime_type,
            case when n % 6 > 0 then ['Investigation complete; no suspect identified',
             'Unable to prosecute suspect', 'Under investigation'][1 + n % 3] end
                as last_outcome_category, null::varchar as context,
            'd1' as _delivery_id, n::bigint as _source_row,
            timestamp '2026-10-02 09:00:00' as _valid_from, '2017-07' as _month
        from generate_series(1, 1200) as g (n)
    """)
