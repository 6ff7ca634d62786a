-- Grain: one row per choice of 区县, indicator, line (unit) and month; final values only
-- (running and provisional months would bend every line down at its end).
-- 全市 shows the city and all districts; a district shows itself beside the city and the median of
-- the districts. A line is for whoever may see its unit. The sign before
-- 全市 marks it in a legend and sorts it before every name.
with judged as (
    select indicator_code, unit_level, unit_code, window_kind, period_start, value,
        is_running, is_provisional
    from fct_indicator
    where not suppressed
    union all
    select indicator_code, unit_level, unit_code, window_kind, period_start, value,
        is_running, is_provisional
    from pages.peer
)
select
    scope.district, value.indicator_code,
    case line.unit_level when 'city' then '◆ ' else '' end || line.district as line,
    line.district_order as line_order,
    strftime(value.period_start, '%Y年%m月') as month_text,
    -- For charts that are six in a row.
    strftime(value.period_start, '%y年%m月') as month_short, value.period_start as month,
    round(value.value, 3) as value,
    -- Under a district's choice every line is the district's to see; under 全市 each by its unit.
    case scope.unit_level when 'city' then line.scope_code else scope.scope_code end as scope_code
from judged as value
inner join pages.scope as line
    on line.unit_level = value.unit_level and line.unit_code = value.unit_code
inner join pages.scope as scope
    on (scope.unit_level = 'city' and line.unit_level <> 'peer')
        or (scope.unit_level = 'district'
            and (line.unit_level in ('city', 'peer') or line.unit_code = scope.unit_code))
where value.window_kind = 'month' and value.value is not null
    and value.period_start > timestamp '{as_of}' - interval 25 month
    and not value.is_running and not value.is_provisional
