-- Grain: one row per choice of 区县, monthly indicator, line and month: a control chart of single
-- values (XmR): mean ± 2.66 times the mean moving range; a point outside is more than chance.
with value as (
    select scope.district, scope.scope_code, judged.indicator_code, judged.period_start, judged.value,
        abs(judged.value - lag(judged.value) over (
            partition by scope.district, judged.indicator_code order by judged.period_start)) as moved,
        judged.unit, judged.direction
    from (
        select indicator_code, unit_level, unit_code, period_start, value.value, registry.unit, registry.direction
        from fct_indicator as value
        inner join dim_indicator as registry using (indicator_code)
        where window_kind = 'month' and value.value is not null and not suppressed
            and period_start > timestamp '{as_of}' - interval 25 month
            and not is_running and not is_provisional
        union all
        select indicator_code, unit_level, unit_code, period_start, value.value, registry.unit, registry.direction
        from pages.peer as value
        inner join dim_indicator as registry using (indicator_code)
        where window_kind = 'month' and value.value is not null and not is_running and not is_provisional
            and period_start > timestamp '{as_of}' - interval 25 month
    ) as judged
    inner join pages.scope as scope
        on scope.unit_level = judged.unit_level and scope.unit_code = judged.unit_code
),
limits as (
    select district, indicator_code, avg(value) as mean, 2.66 * avg(moved) as reach
    from value group by all
)
select
    value.district, value.indicator_code, line.line, strftime(value.period_start, '%Y年%m月') as month_text,
    value.period_start as month, round(line.value, 3) as value, value.scope_code
from value
inner join limits using (district, indicator_code),
    lateral (values ('◆ 值', value.value), ('中线', mean),
        ('控制上限', case when value.unit = '%' then least(100, mean + reach) else mean + reach end),
        ('控制下限', greatest(0, mean - reach))) as line (line, value)
where line.value is not null
