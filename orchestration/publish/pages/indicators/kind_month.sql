-- Grain: one row per indicator, unit of a small kind (kind of police service, court, model) and
-- month; final values only.
select
    value.indicator_code, value.unit_level, unit.name_zh as unit_name,
    strftime(value.period_start, '%Y-%m') as month_text, round(value.value, 2) as value,
    'city' as scope_code
from fct_indicator as value
inner join dim_unit as unit on unit.unit_level = value.unit_level and unit.unit_code = value.unit_code
where value.unit_level in ('kind', 'court', 'model', 'domain') and value.window_kind = 'month'
    and value.value is not null and not value.suppressed and not value.is_running
    and not value.is_provisional
    and value.period_start >= date_trunc('month', timestamp '{as_of}' - interval 12 month)
