-- Grain: one row per kind of brief, period, place, area of rules and light: lights of matters that came on and
-- went out in the period and that stood at its end, beside the period before. Lights of the city's own desk
-- count in the city only; those of the L4 zones are not here.
with span as (
    select kind, period_start, period_end, period_end + interval 1 day as ends,
        case kind when 'weekly' then period_start - interval 7 day else period_start - interval 1 month end as starts_before
    from pages.brief_period
),
lit as (
    select light, area_zh, unit_district, raised_at,
        -- Without a date of its end a light that stands no more is taken to have ended at once.
        case when is_standing then timestamp '9999-01-01' else coalesce(ended_at, raised_at) end as ended_at
    from fct_warning
    where light in ('R', 'Y') and left(rule_id, 2) not in ('MH', 'YP') and raised_at <= timestamp '{as_of}'
)
select
    span.kind, span.period_end, place.district, lit.area_zh as area_text,
    case lit.light when 'R' then '■ 红' else '▲ 黄' end as light_text,
    count(*) filter (where raised_at >= period_start and raised_at < ends) as raised_n,
    count(*) filter (where raised_at >= starts_before and raised_at < period_start) as raised_before_n,
    count(*) filter (where ended_at >= period_start and ended_at < ends) as ended_n,
    count(*) filter (where raised_at < ends and ended_at >= ends) as standing_n,
    count(*) filter (where raised_at < period_start and ended_at >= period_start) as standing_before_n,
    count(*) filter (where raised_at < ends - interval 90 day and ended_at >= ends) as over_90_days_n,
    coalesce(strftime(min(raised_at) filter (where raised_at < ends and ended_at >= ends), '%Y-%m-%d'), '—') as oldest_text,
    place.scope_code
from span
cross join lit
inner join pages.scope as place
    on place.unit_level = 'city' or (place.unit_level = 'district' and place.unit_code = lit.unit_district)
where lit.ended_at >= span.starts_before and lit.raised_at < span.ends
group by all
