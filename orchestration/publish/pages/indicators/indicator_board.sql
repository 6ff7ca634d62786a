-- Grain: one row per choice of 区县, choice of 时段 and indicator, ready to print.
-- An indicator that a district does not have is shown with the city's value, and says so (scope).
with choice as (
    select scope.district, scope.district_order, period.* exclude (scope_code), scope.scope_code,
        scope.unit_level, scope.unit_code
    from pages.scope as scope cross join pages.period as period
),
judged as (
    select indicator_code, unit_level, unit_code, window_kind, period_start, period_end, value,
        numerator, denominator, light, light_reason_zh, change_month, fresh_until, suppressed,
        is_provisional, is_running, quality_flag
    from fct_indicator
    union all
    select indicator_code, unit_level, unit_code, window_kind, period_start, period_end, value,
        null, null, null, '区县中位数，不评灯', null, fresh_until, false, is_provisional, is_running, null
    from pages.peer
),
-- Whose value a line shows: the unit's own, else the city's. Named first, so that the join below
-- is one of equalities.
named as (
    select choice.*, own.indicator_code is null as is_city_value,
        coalesce(own.unit_level, 'city') as shown_level, coalesce(own.unit_code, city.unit_code) as shown_code
    from choice
    left join judged as own
        on own.indicator_code = choice.indicator_code and own.unit_level = choice.unit_level
        and own.unit_code = choice.unit_code and own.window_kind = choice.window_kind
        and own.period_start = choice.period_start and own.period_end = choice.period_end
    cross join (select unit_code from pages.scope where unit_level = 'city') as city
),
found as (
    -- All columns of a line come from one value: never a district's light on the city's number.
    select named.* exclude (shown_level, shown_code),
        shown.value, shown.numerator, shown.denominator, shown.light, shown.light_reason_zh,
        shown.change_month, shown.fresh_until, shown.suppressed, shown.is_provisional,
        shown.is_running, shown.quality_flag
    from named
    left join judged as shown
        on shown.indicator_code = named.indicator_code and shown.unit_level = named.shown_level
        and shown.unit_code = named.shown_code and shown.window_kind = named.window_kind
        and shown.period_start = named.period_start and shown.period_end = named.period_end
)
select
    found.district, found.district_order, found.period, found.indicator_code,
    -- Outcomes for people first, applications and data quality after them.
    row_number() over (
        partition by found.district, found.period
        order by case left(found.indicator_code, 1) when 'Q' then 3 when 'C' then 2 else 1 end,
            found.indicator_code) as indicator_order,
    registry.name_zh as indicator, found.value,
    case
        when found.suppressed then '不公开'
        when found.value is null then '—'
        -- Q02 reads "n of 48" until all 48 categories are contracted.
        when found.indicator_code = 'Q02'
            then printf('%d/%d', found.numerator::bigint, found.denominator::bigint)
        when abs(found.value) >= 1e8 then printf('%.2f 亿', found.value / 1e8)
        when abs(found.value) >= 1e4 then printf('%.2f 万', found.value / 1e4)
        when registry.decimals = 3 then printf('%.3f', found.value)
        when registry.decimals = 2 then printf('%.2f', found.value)
        when registry.decimals = 0 then format('{:,.0f}', found.value)
        else printf('%.1f', found.value)
    end as value_text,
    case when found.indicator_code = 'Q02' then '类' else registry.unit end as unit,
    -- What a share is a share of; parts of indicators under disclosure control stay inside.
    case when found.suppressed or registry.disclosure <> 'none' or found.denominator is null then '—'
        when found.numerator is null then '共 ' || counted(found.denominator)
        else counted(found.numerator) || ' / ' || counted(found.denominator) end as base_text,
    case when registry.direction = 'neutral' then '—'
        when registry.target is null then '同类'
        when found.indicator_code = 'Q02'
            then printf('%d/%d', found.denominator::bigint, found.denominator::bigint)
        else case registry.direction when 'lower' then '≤' else '≥' end
            || rtrim(rtrim(printf('%.2f', registry.target), '0'), '.')
    end as target_text,
    case found.light when 'R' then '■ 红' when 'Y' then '▲ 黄' when 'G' then '● 绿' else '○ 灰' end
        as light_text,
    -- Why a light is red or yellow, why there is none, and that a value is not the district's own.
    concat_ws('；',
        case when found.is_city_value then '全市' end,
        case when found.suppressed then '单元格太小' when found.value is null then '无数据' when found.light = 'G' then null
            -- Under disclosure control a probability would tell how many stand behind the value.
            when found.light is not null and registry.disclosure <> 'none' and registry.light_rule <> 'direct'
                then case found.light when 'R' then '越过红灯线的概率大于80%' else '越过黄灯线的概率大于50%' end
            when found.light is not null then because(found.light_reason_zh)
            when found.is_running then '时段未结束' when found.is_provisional then '暂定值'
            else nullif(translate(found.light_reason_zh, ',;', '，；'), '') end) as light_reason,
    case
        when found.change_month is null or found.value is null then '—'
        when abs(found.change_month) < 0.005 then '持平'
        else case when found.change_month > 0 then '↑ ' else '↓ ' end
            || printf('%.2f', abs(found.change_month))
    end as change_text,
    case found.window_kind when 'stock' then strftime(found.period_end, '%m月%d日')
        when 'to_date' then '至' || strftime(found.period_end, '%m月%d日')
        when 'quarter' then strftime(found.period_end, '%Y年')
            || '一二三四'[quarter(found.period_end)] || '季度'
        when 'half_year' then strftime(found.period_end, '%Y年')
            || case when month(found.period_end) < 7 then '上半年' else '下半年' end
        when 'ytd' then strftime(found.period_end, '%Y年1—') || month(found.period_end)::varchar || '月'
        when 'year' then strftime(found.period_end, '%Y年')
        when 'rolling_year' then '至' || strftime(found.period_end, '%Y年')
            || month(found.period_end)::varchar || '月12个月'
        else strftime(found.period_end, '%Y年') || month(found.period_end)::varchar || '月' end
        as period_text,
    coalesce(strftime(found.fresh_until, '%m-%d %H:%M'), '—') as fresh_text,
    case when found.is_city_value then '全市' else found.district end as scope,
    case found.quality_flag when 'error' then '■ 未过检' when 'warning' then '▲ 有警告' when 'ok' then '● 通过'
        else '—' end as quality_text,
    -- Our own address, names of the registry: nothing of a feed stands in this cell.
    '<a href="/superset/dashboard/definitions/?native_filters=(' || link.choices || ')">定义</a>' as link,
    found.scope_code
from found
inner join dim_indicator as registry using (indicator_code)
inner join (
    -- A native filter's choice as it stands in an address.
    select indicator_code, string_agg(filter || ':(extraFormData:(filters:!((col:' || filtered
        || ',op:IN,val:!(%27' || word || '%27)))),filterState:(label:%27' || word || '%27,value:!(%27'
        || word || '%27)),id:' || filter || ',ownState:())', ',' order by filtered) as choices
    from (
        select indicator_code, '{definition_filter}' as filter, 'indicator' as filtered,
            url_encode(plain_code(indicator_code) || ' ' || name_zh) as word from dim_indicator
        union all
        select indicator_code, '{domain_filter}', 'domain', url_encode(domain_zh) from dim_indicator)
    group by indicator_code
) as link using (indicator_code)
