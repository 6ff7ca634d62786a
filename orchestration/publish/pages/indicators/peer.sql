-- Grain: one row per indicator, window and period: the median of the districts' values.
-- Only where every district has one and none is hidden: a median of five would tell of the sixth.
select
    value.indicator_code, 'peer' as unit_level, 'peer' as unit_code, value.window_kind,
    value.period_start, value.period_end, median(value.value) as value,
    bool_or(value.is_provisional) as is_provisional, bool_or(value.is_running) as is_running,
    max(value.fresh_until) as fresh_until, 'peer' as scope_code
from fct_indicator as value
inner join dim_indicator as registry using (indicator_code)
inner join pages.scope as district
    on district.unit_level = value.unit_level and district.unit_code = value.unit_code
where value.unit_level = 'district' and registry.disclosure = 'none'
group by all
having count(value.value) = (select count(*) from pages.scope where unit_level = 'district')
