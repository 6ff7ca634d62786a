-- Grain: one row per kind of brief, period, part (light or week), place and indicator: a reading beside the
-- reading before, ready to print. `light`: the newest reading that was final by the period's end (in a monthly
-- brief only of that month), with its light and the sentence of it. `week`: the sum of a week's days beside the
-- week before, without a light, which a week is too short for.
-- Counts only where the registry's disclosure is `none`: two counts beside each other would tell of the few.
with brief as (select kind, period_start, period_end from pages.brief_period),
place as (select district, district_order, unit_level, unit_code, scope_code from pages.scope),
judged as (
    select indicator_code, unit_level, unit_code, window_kind, period_start, period_end, value, numerator, denominator,
        light, light_reason_zh, interval_low, interval_high, suppressed, is_provisional, is_running, is_complete, quality_flag
    from fct_indicator
    where unit_level in ('city', 'district') and window_kind <> 'day'
    union all
    select indicator_code, unit_level, unit_code, window_kind, period_start, period_end, value, null, null,
        null, '区县中位数,不评灯', null, null, false, is_provisional, is_running, true, null
    from pages.peer where window_kind <> 'day'
),
-- Which stored period each choice of month means, the same as on the pages.
month_choice as (
    select indicator_code, window_kind, period_start, period_end, is_final,
        last_day(strptime(period, '%Y年%m月')::date) as month_end
    from pages.period where period <> '最新'
),
choice as (
    select brief.kind, brief.period_end as brief_end, month_choice.* exclude (is_final, month_end)
    from brief inner join month_choice on brief.kind = 'monthly' and month_choice.month_end = brief.period_end
    union all
    select brief.kind, brief.period_end, month_choice.* exclude (is_final, month_end)
    from brief inner join month_choice
        on brief.kind = 'weekly' and month_choice.period_end <= brief.period_end and month_choice.is_final
        and month_choice.period_end > brief.period_end - interval 13 month
    qualify row_number() over (partition by brief.period_end, indicator_code order by month_choice.period_end desc) = 1
),
before as (
    select choice.kind, choice.brief_end, choice.indicator_code, month_choice.period_start as start_before,
        month_choice.period_end as end_before
    from choice inner join month_choice
        on month_choice.indicator_code = choice.indicator_code and month_choice.window_kind = choice.window_kind
        and month_choice.period_end < choice.period_end
    qualify row_number() over (partition by choice.kind, choice.brief_end, choice.indicator_code order by month_choice.period_end desc) = 1
),
month_reading as (
    select 'light' as part, choice.kind, choice.brief_end, place.*,
        choice.indicator_code, choice.window_kind, now.period_end, now.value, now.numerator, now.denominator, now.light,
        now.light_reason_zh, now.interval_low, now.interval_high, now.suppressed, now.is_provisional, now.is_running, now.is_complete, now.quality_flag,
        before.end_before, then_.value as value_before, then_.numerator as numerator_before,
        then_.denominator as denominator_before, then_.light as light_before, coalesce(then_.suppressed, false) as suppressed_before
    from choice
    cross join place
    inner join judged as now
        on now.indicator_code = choice.indicator_code and now.unit_level = place.unit_level and now.unit_code = place.unit_code
        and now.window_kind = choice.window_kind and now.period_start = choice.period_start and now.period_end = choice.period_end
    left join before
        on before.kind = choice.kind and before.brief_end = choice.brief_end and before.indicator_code = choice.indicator_code
    left join judged as then_
        on then_.indicator_code = choice.indicator_code and then_.unit_level = place.unit_level and then_.unit_code = place.unit_code
        and then_.window_kind = choice.window_kind and then_.period_start = before.start_before and then_.period_end = before.end_before
),
week_sum as (
    select brief.period_end as brief_end, place.district, day.indicator_code,
        sum(numerator) filter (where day.period_end >= brief.period_start) as numerator,
        sum(denominator) filter (where day.period_end >= brief.period_start) as denominator,
        sum(numerator) filter (where day.period_end < brief.period_start) as numerator_before,
        sum(denominator) filter (where day.period_end < brief.period_start) as denominator_before,
        bool_or(day.is_provisional) as is_provisional
    from brief
    inner join fct_indicator as day
        on day.window_kind = 'day' and not day.suppressed
        and day.period_end between brief.period_start - interval 7 day and brief.period_end
    inner join dim_indicator as registry
        on registry.indicator_code = day.indicator_code and registry.disclosure = 'none'
        and (registry.unit = '%' or registry.denominator_zh is null)
    inner join place on place.unit_level = day.unit_level and place.unit_code = day.unit_code
    where brief.kind = 'weekly'
    group by all
),
week_reading as (
    select 'week' as part, 'weekly' as kind, brief_end, place.*, indicator_code, 'week' as window_kind, brief_end as period_end,
        case when denominator is null then numerator else 100 * numerator / nullif(denominator, 0) end as value,
        numerator, denominator, null as light, '周合计,不评灯' as light_reason_zh, null as interval_low, null as interval_high, false as suppressed, is_provisional,
        false as is_running, true as is_complete, null as quality_flag, (brief_end - interval 7 day)::date as end_before,
        case when denominator_before is null then numerator_before else 100 * numerator_before / nullif(denominator_before, 0) end as value_before,
        numerator_before, denominator_before, null as light_before, false as suppressed_before
    from week_sum inner join place using (district)
),
reading as (select * from month_reading union all by name select * from week_reading),
named as (
    select reading.*, registry.name_zh, registry.domain_zh, registry.unit, registry.decimals, registry.direction,
        registry.disclosure, registry.formula_version, registry.target, registry.owner_zh,
        reading.value - reading.value_before as moved,
        registry.disclosure = 'none' and not suppressed and reading.unit_level <> 'peer' as may_count,
        case window_kind when 'week' then null
            when 'stock' then month(period_end) || '月' || day(period_end) || '日'
            when 'quarter' then '一二三四'[quarter(period_end)] || '季度'
            when 'half_year' then case when month(period_end) < 7 then '上半年' else '下半年' end
            when 'year' then strftime(period_end, '%Y年') when 'rolling_year' then '近12个月'
            when 'ytd' then '1—' || month(period_end) || '月' when 'to_date' then '至' || month(period_end) || '月' || day(period_end) || '日'
            else month(period_end) || '月' end as period_text
    from reading inner join dim_indicator as registry using (indicator_code)
),
-- Counts as text, and by how much each moved: what a change of the value comes from.
counted as (
    select *, list_transform(case when may_count and not suppressed_before
            then [numerator_before, numerator, denominator_before, denominator] end,
            lambda x: case when x = round(x) or x >= 10000 then format('{:,.0f}', x) else format('{:,.1f}', x) end) as told
    from named
)
select
    part, kind, brief_end as period_end, district, unit_level, indicator_code, name_zh as indicator, domain_zh as domain, unit, decimals, direction, split_part(indicator_code, '#', 1) as code_text,
    row_number() over (partition by part, kind, brief_end, district
        order by case light when 'R' then 1 when 'Y' then 2 when 'G' then 3 else 4 end, indicator_code) as indicator_order,
    value, case when not suppressed then interval_low end as interval_low, case when not suppressed then interval_high end as interval_high,
    case when suppressed then '不公开' when value is null then '—'
        when decimals = 0 then format('{:,.0f}', value) when decimals >= 3 then format('{:,.3f}', value)
        when decimals = 2 then format('{:,.2f}', value) else format('{:,.1f}', value) end as value_text,
    case when may_count then numerator end as numerator, case when may_count then denominator end as denominator,
    case when suppressed_before then '不公开' when value_before is null then '—'
        when decimals = 0 then format('{:,.0f}', value_before) when decimals >= 3 then format('{:,.3f}', value_before)
        when decimals = 2 then format('{:,.2f}', value_before) else format('{:,.1f}', value_before) end as before_text,
    case when may_count and not suppressed_before then numerator_before end as numerator_before,
    case when may_count and not suppressed_before then denominator_before end as denominator_before,
    moved,
    case when moved is null or suppressed or suppressed_before then '—' when round(moved, least(decimals, 2)) = 0 then '持平'
        else case when moved > 0 then '↑ ' else '↓ ' end
            || case when decimals = 0 then format('{:,.0f}', abs(moved)) else format('{:,.2f}', abs(moved)) end end as change_text,
    -- Whether the movement is for the better: null where the indicator has no direction.
    case when moved is null or suppressed or suppressed_before or direction = 'neutral' or round(moved, 2) = 0 then null
        else (moved > 0) = (direction = 'higher') end as is_better,
    case when told is null or numerator is null then '—'
        when value_before is null or numerator_before is null then '分子 ' || told[2] || coalesce('，分母 ' || told[4], '')
        else '分子 ' || told[1] || ' → ' || told[2] || case when numerator_before > 0 and numerator <> numerator_before
                then replace(printf('（%+.1f%%）', 100 * (numerator / numerator_before - 1)), '-', '−') else '' end
            || coalesce('，分母 ' || told[3] || ' → ' || told[4] || case when denominator_before > 0 and denominator <> denominator_before
                then replace(printf('（%+.1f%%）', 100 * (denominator / denominator_before - 1)), '-', '−') else '' end, '') end as count_text,
    case light when 'R' then '■ 红' when 'Y' then '▲ 黄' when 'G' then '● 绿' else '○ 灰' end as light_text,
    case light_before when 'R' then '■ 红' when 'Y' then '▲ 黄' when 'G' then '● 绿' else '○ 灰' end as light_before_text,
    case when suppressed then '单元格太小' when value is null then '无数据' else translate(light_reason_zh, ',;()', '，；（）') end as reason_text,
    case when registry_target is null or direction = 'neutral' then '—' else case direction when 'lower' then '≤' else '≥' end
        || rtrim(rtrim(printf('%.2f', registry_target), '0'), '.') end as target_text,
    period_text, is_provisional, is_running, is_complete,
    case quality_flag when 'error' then '■ 未过检' when 'warning' then '▲ 有警告' when 'ok' then '● 通过' else '—' end as quality_text,
    formula_version as version_text, owner_zh as owner_text, scope_code
from (select * rename (target as registry_target) from counted)
