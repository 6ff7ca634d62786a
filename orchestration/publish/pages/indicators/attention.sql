-- Grain: one row per choice of 区县, kind of reader, choice of 时段, indicator and district or town that wants
-- attention there: its light is red or yellow, or its month alone lies beyond the yellow line. Since when, and
-- is it noise. A light speaks of twelve months (judging), so a bad month under a green light may be chance and a
-- good one under a red light is no recovery. Indicators under disclosure control are not here.
with judged as (
    select value.*, registry.unit, registry.decimals, registry.name_zh as indicator,
        registry.light_rule = 'posterior_share' as is_rate,
        case registry.direction when 'higher' then value.value < value.threshold_yellow
            else value.value > value.threshold_yellow end as is_beyond,
        -- Months in a row with this light, and months in a row without green.
        row_number() over months - row_number() over (partition by value.indicator_code, value.unit_level,
            value.unit_code, value.light order by value.period_start) as of_light,
        count(*) filter (where value.light = 'G') over months as greens_n
    from fct_indicator as value
    inner join dim_indicator as registry using (indicator_code)
    where value.window_kind = 'month' and value.unit_level in ('district', 'town') and value.light is not null
        and not value.suppressed and registry.disclosure = 'none' and value.unit_code not in ('unassigned', '{city_code}')
    window months as (partition by value.indicator_code, value.unit_level, value.unit_code order by value.period_start)
),
dated as (
    select *,
        min(period_start) over (partition by indicator_code, unit_level, unit_code, light, of_light) as light_since,
        count(*) over (partition by indicator_code, unit_level, unit_code, light, of_light
            order by period_start) as light_months_n,
        min(period_start) over (partition by indicator_code, unit_level, unit_code, greens_n, light = 'G') as doubt_since,
        min(period_start) over (partition by indicator_code, unit_level, unit_code) as first_month
    from judged
),
worded as (
    select dated.*, unit.name_zh as unit_name, district.name_zh as home,
        case dated.unit_level when 'district' then dated.unit_code else unit.district_code end as of_district,
        strftime(light_since, '%Y年') || month(light_since)::varchar || '月' as since_month,
        strftime(doubt_since, '%Y年') || month(doubt_since)::varchar || '月' as doubt_month
    from dated
    inner join dim_unit as unit on unit.unit_level = dated.unit_level and unit.unit_code = dated.unit_code
    left join dim_unit as district on district.unit_level = 'district'
        and district.unit_code = case dated.unit_level when 'district' then dated.unit_code else unit.district_code end
    where dated.light in ('R', 'Y') or dated.is_beyond
),
told as (
    select period.period, worded.*
    from worded
    inner join pages.period as period
        on period.indicator_code = worded.indicator_code and period.window_kind = worded.window_kind
        and period.period_start = worded.period_start and period.period_end = worded.period_end
),
line as (
    select
        viewer.district, viewer.scope_code, told.period, told.indicator_code, told.indicator,
        case told.unit_level when 'district' then '区县' else '镇街' end as level_text,
        told.unit_name, told.home,
        case when told.decimals >= 2 then printf('%.2f', told.value) else printf('%.1f', told.value) end as value_text,
        told.unit, case when told.denominator is null then '—'
            when told.numerator is null then '共 ' || counted(told.denominator)
            else counted(told.numerator) || ' / ' || counted(told.denominator) end as base_text,
        case told.light when 'R' then '■ 红' when 'Y' then '▲ 黄' else '● 绿' end as light_text,
        case when told.light = 'G' then '—'
            else since_month || case when light_since = first_month then '或更早' else '' end || '起'
                || case told.light when 'R' then '红' else '黄' end || '，连续' || light_months_n || '个月'
                || case when doubt_since < light_since then '；' || doubt_month
                    || case when doubt_since = first_month then '或更早' else '' end || '起未转绿' else '' end
            end as since_text,
        case when told.is_rate and told.rolling_denominator > 0
            then counted(told.rolling_numerator) || ' / ' || counted(told.rolling_denominator) || ' = '
                || printf('%.1f%%', 100.0 * told.rolling_numerator / told.rolling_denominator) else '—' end as year_text,
        case
            when told.light = 'G' then '多半是偶然：只有当月越过黄线，近12个月越线的概率'
                || case when told.p_yellow < 0.01 then '不到1%' else printf('%.0f%%', 100.0 * told.p_yellow) end
            when not told.is_rate then because(told.light_reason_zh)
            else case when not told.is_beyond then '当月已达标，还不能说好转：' when told.light = 'R' then '不是偶然：'
                else '要留意：' end || because(told.light_reason_zh) end as reading_text,
        row_number() over (partition by viewer.district, viewer.scope_code, told.period, told.indicator_code
            order by told.unit_level, case told.light when 'R' then 1 when 'Y' then 2 else 3 end,
                told.p_red desc nulls last, told.p_yellow desc nulls last, told.unit_code) as attention_no
    from told
    inner join pages.viewer as viewer
        on viewer.of_district is null or told.of_district = viewer.of_district
),
-- That nobody wants attention is said, too: a page never shows an empty table.
nobody as (
    select viewer.district, viewer.scope_code, period.period, period.indicator_code, registry.name_zh as indicator,
        '—' as level_text, '没有亮红黄灯的，当月也没有越线的' as unit_name, '—' as home, '—' as value_text, registry.unit,
        '—' as base_text, '○ 无' as light_text, '—' as since_text, '—' as year_text, '—' as reading_text, 1 as attention_no
    from pages.viewer as viewer
    cross join pages.period as period
    inner join dim_indicator as registry using (indicator_code)
    where registry.disclosure = 'none' and period.window_kind = 'month'
        and (viewer.district, viewer.scope_code, period.period, period.indicator_code) not in (
            select (district, scope_code, period, indicator_code) from line)
)
select *, indicator as map_indicator from (select * from line union all select * from nobody)
