-- Grain: one row per kind of brief and period that is over: the last eight weeks (Monday to Sunday) and
-- twelve months. A draft until a release record (R08) of two signatories names the period.
with span as (
    select 'weekly' as kind, '02' as release_kind, monday::date as period_start, (monday + interval 6 day)::date as period_end
    from generate_series(
        date_trunc('week', timestamp '{as_of}') - interval 56 day,
        date_trunc('week', timestamp '{as_of}') - interval 7 day, interval 7 day) as t (monday)
    union all
    select 'monthly', '03', first_day::date, last_day(first_day::date)
    from generate_series(
        date_trunc('month', timestamp '{as_of}') - interval 12 month,
        date_trunc('month', timestamp '{as_of}') - interval 1 month, interval 1 month) as t (first_day)
),
record as (
    select release_kind, period_start, period_end, release_version, first_org_code, second_org_code, released_time
    from stg_r08_release_record
    where released_time <= timestamp '{as_of}'
    qualify row_number() over (partition by release_kind, period_start, period_end order by released_time desc, record_code) = 1
),
office as (select unit_code, any_value(name_zh order by unit_level) as name_zh from dim_unit where unit_level in ('department', 'unit') group by unit_code)
select
    span.kind, span.period_start, span.period_end,
    case span.kind when 'weekly' then strftime(span.period_start, '%G年第') || strftime(span.period_start, '%V')::int || '周'
        else strftime(span.period_start, '%Y年') || month(span.period_start) || '月' end as period_text,
    strftime(span.period_start, '%Y年') || month(span.period_start) || '月' || day(span.period_start) || '日—'
        || month(span.period_end) || '月' || day(span.period_end) || '日' as span_text,
    row_number() over (partition by span.kind order by span.period_end desc) = 1 as is_newest,
    record.released_time is not null as is_released,
    case when record.released_time is null then '草稿' else '已发布' end as state_text,
    record.release_version as version_text,
    strftime(record.released_time, '%Y-%m-%d %H:%M') as released_text,
    coalesce(first_office.name_zh, record.first_org_code) as first_office,
    coalesce(second_office.name_zh, record.second_org_code) as second_office,
    'city' as scope_code
from span
left join record using (release_kind, period_start, period_end)
left join office as first_office on first_office.unit_code = record.first_org_code
left join office as second_office on second_office.unit_code = record.second_org_code
