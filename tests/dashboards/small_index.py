"""The small city's stability index and warnings, in the tables that judging and dbt write."""

from __future__ import annotations

import duckdb

from tests.dashboards.small_records import SEEDS

_LIVES = ("raised", "reviewed", "contested", "transferred", "closed")


def write_index(connection: duckdb.DuckDBPyConnection) -> None:
    """Two months of scores of every town and department; every fiftieth town has none."""
    connection.execute(f"""
        create temporary table item as
        select *, row_number() over (order by dim_code, item_code) as item_no
        from read_csv('{SEEDS / "seed_index_item.csv"}', all_varchar = true);
        create table judged.fct_index as
        with unit as (
            select case unit_level when 'town' then 'TOWN' else 'DEPT' end as card, unit_level,
                unit_code, coalesce(town_type, '') as peer_group,
                row_number() over (partition by unit_level order by unit_code) as n
            from marts.dim_unit
            where unit_level in ('town', 'department') and unit_code <> 'unassigned'
        ),
        month as (select unnest([date '2026-08-01', date '2026-09-01']) as period_start),
        scored as (
            select *, case when n % 50 = 7 then null
                else 62 + (n * 7) % 33 + month(period_start) * 0.1 end as score
            from unit, month
        )
        select '2026.1' as index_version, card, unit_level, unit_code, period_start,
            last_day(period_start) as period_end, true as is_official, false as is_blocked,
            peer_group, score,
            case when n % 40 = 3 then least(score, 59.0) else score end as score_final,
            score - 3 as interval_low, score + 4 as interval_high,
            case when score is null then null when n % 40 = 3 then 'R' when score >= 85 then 'A'
                when score >= 75 then 'B' when score >= 65 then 'C' else 'D' end as band,
            case when score is null then null when n % 40 = 3 then 'R' when score < 70 then 'Y'
                else 'G' end as light,
            case when score < 70 then '低于70分的概率62%，超过50%（黄灯线）'
                else '低于70分的概率8%，不超过50%' end as light_reason_zh,
            0.1 as p_yellow, 0.01 as p_red, n % 40 = 3 as red_line, null::varchar as evidence_no,
            case when score is null then '数据不足：维度D7有数据的权重不足60%' end as why_not_zh,
            0.22 as inherited_share, 120.0 as due_n,
            case when n = 11 then 88.0 else 10.0 end as rank_low,
            case when n = 11 then 92.0 else 60.0 end as rank_high,
            case when n = 11 then 90 end::bigint as rank, 80.0 as peer_score, 0.1 as change_month,
            null::double as change_3months
        from scored;
        create table judged.fct_index_item as
        select '2026.1' as index_version, scored.card, unit_level, unit_code, period_start,
            dim_code, item_code, name_zh, 0.03 as weight, 95.0 as numerator, 100.0 as denominator,
            95.0 as value, 94.5 as value_shrunk, unit, 80.0 as score, 60.0 as goal_worst,
            100.0 as goal_best, own_level in ('district', 'station', 'city') as is_inherited,
            case when own_level = 'district' then left(unit_code, 6)
                when own_level = 'city' then '330600' else unit_code end as source_code,
            (score - peer_score) / 32.0 as contribution_peer, null::double as contribution_month
        from judged.fct_index as scored inner join item on item.card = scored.card;
        create table judged.fct_index_dimension as
        select '2026.1' as index_version, card, unit_level, unit_code, period_start, dim_code,
            0.125 as weight, coalesce(avg(score), 0) as score, 1.0 as present_share,
            78.0 as peer_score,
            sum(contribution_peer) as contribution_peer, null::double as contribution_month
        from judged.fct_index_item group by all;
        create table judged.index_version_state as
        select '2026.1' as index_version, card, date '2026-02-01' as valid_from,
            null::date as valid_to, case card when 'TOWN' then 0.0021 end as consistency_ratio,
            null::varchar as blocked_zh
        from (values ('TOWN'), ('DEPT')) as c (card);
        create table judged.index_alternative as
        select '2026.1' as index_version, card, 'weights=equal' as alternative, 0.83 as kendall_tau,
            0.1 as band_changed_share
        from (values ('TOWN'), ('DEPT')) as c (card)
    """)


def write_lights(connection: duckdb.DuckDBPyConnection) -> None:
    """Ten lights of every rule that has lights outside the zones, spread over agencies."""
    lives = ", ".join(f"'{life}'" for life in _LIVES)
    connection.execute(f"""
        create table seeds.seed_warning_rule as
        select * replace (nullif(valid_to, '')::date as valid_to)
        from read_csv('{SEEDS / "seed_warning_rule.csv"}', all_varchar = true, nullstr = '');
        create table marts.fct_warning as
        with rule as (
            select rule_id, any_value(light) as light, any_value(area_zh) as area_zh,
                row_number() over (order by rule_id) as rule_no
            from seeds.seed_warning_rule where light in ('R', 'Y') and left(rule_id, 2) <> 'MH'
            group by 1
        ),
        agency as (
            select unit_code, district_code, row_number() over (order by unit_code) as agency_no,
                count(*) over () as agencies_n
            from marts.dim_unit where unit_level = 'department'
        )
        select rule.rule_id || ' ' || n as warning_key, rule.rule_id, 'a' as ground, rule.light,
            rule.area_zh, case when left(rule.rule_id, 2) = 'XL' and rule.light = 'R'
                then (select list(case_id order by case_id) from marts.fct_enforcement_case
                    where light = 'R')[1 + (rule_no * 3 + n)::int % 7] end as case_id,
            agency.unit_code as unit_department, agency.district_code as unit_district,
            timestamp '2026-10-30 10:00:00' - (rule_no * 10 + n) * interval 1 day as raised_at,
            list_value({lives})[1 + n % 5] as life_state, n % 5 < 3 as is_standing,
            case when n % 5 >= 3 then timestamp '2026-10-30 15:00:00' - n * interval 1 hour end
                as ended_at
        from rule, range(10) as g (n)
        inner join agency
            on agency.agency_no = 1 + (rule.rule_no * 10 + g.n) * 7 % agency.agencies_n;
        create table marts.index_guard as
        select 'G3' as guard_code, '月末集中办结' as name_zh, '当月办结30件以上' as rule_zh,
            'P44' as source_code, unit_code, date '2026-09-01' as month_start,
            date '2026-09-30' as month_end, 40::bigint as matters_n, 12::bigint as counted_n,
            0.3 as share
        from marts.dim_unit where unit_level = 'town' and district_code = '330681';
        create table marts.agg_warning_precision as
        select rule_id, case when left(rule_id, 2) = 'XL' then date '2026-07-01' end
                as quarter_start,
            case when left(rule_id, 2) = 'XL' then 40 else 0 end as reviewed_n,
            case when rule_id = 'XL-Y06' then 4 when left(rule_id, 2) = 'XL' then 30 end
                as confirmed_n,
            30.0 as least_precision, rule_id = 'XL-Y06' as is_to_retune
        from (select distinct rule_id from seeds.seed_warning_rule)
    """)
