-- Grain: one row per choice of 区县, kind of reader, indicator and unit (department, court, station, kind, …; not
-- towns): the value of the newest period that is final, worst first.
with judged as (
    select value.*, unit.name_zh as unit_name, unit.district_code,
        case when registry.direction = 'higher' then value.value else -value.value end as rank_value,
        registry.unit, registry.decimals
    from fct_indicator as value
    inner join dim_indicator as registry using (indicator_code)
    inner join dim_unit as unit
        on unit.unit_level = value.unit_level and unit.unit_code = value.unit_code
    where value.unit_level not in ('city', 'district', 'town') and value.unit_code <> 'unassigned'
        and value.window_kind in ('month', 'quarter', 'half_year', 'year', 'stock', 'to_date')
        and value.is_complete and not value.is_provisional and not value.is_running
        and value.value is not null
),
-- All units of an indicator are read in the same period: the newest that any has.
newest as (
    select judged.*
    from judged
    inner join (
        select indicator_code, unit_level, max(period_end) as period_end from judged group by all
    ) as last using (indicator_code, unit_level, period_end)
    qualify row_number() over (partition by indicator_code, unit_level, unit_code
        order by case window_kind when 'month' then 1 when 'quarter' then 2 else 3 end) = 1
)
select
    viewer.district, newest.indicator_code, newest.unit_level, newest.unit_name,
    newest.value, case when newest.suppressed then '不公开'
        when newest.decimals = 0 then format('{:,.0f}', newest.value)
        when newest.decimals >= 2 then printf('%.2f', newest.value)
        else printf('%.1f', newest.value) end as value_text,
    newest.unit, case when newest.suppressed then '不公开'
        when newest.denominator is null then '—' else format('{:,}', newest.denominator::bigint) end as base_text,
    case newest.light when 'R' then '■ 红' when 'Y' then '▲ 黄' when 'G' then '● 绿' else '○ 灰' end
        as light_text,
    case newest.window_kind
        when 'quarter' then strftime(period_end, '%Y年') || '一二三四'[quarter(period_end)] || '季度'
        when 'stock' then strftime(period_end, '%m月%d日')
        when 'to_date' then '累计至' || strftime(period_end, '%m月%d日')
        else strftime(period_end, '%Y年') || month(period_end)::varchar || '月' end as period_text,
    row_number() over (
        partition by viewer.district, viewer.scope_code, newest.indicator_code, newest.unit_level
        order by case newest.light when 'R' then 1 when 'Y' then 2 when 'G' then 3 else 4 end,
            newest.rank_value, newest.unit_name, newest.unit_code) as place_no,
    viewer.scope_code
from newest
inner join pages.viewer as viewer
    -- Kinds, matters, rules and models are no units of a district: they stand in every list.
    on viewer.of_district is null or newest.district_code is null
    or newest.district_code = viewer.of_district
    or (viewer.unit_level = 'city' and newest.district_code = '{city_code}')
