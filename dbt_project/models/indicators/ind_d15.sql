-- D15 民转刑案件数: by district, city; by quarter. numerator: disputes that became a crime; denominator:
-- residents / 100,000 (R01). With events and none of the kind the value is 0; the bucket "unassigned"
-- has no population, so no value. stat_value is the rate, population_n the count that disclosure looks at.
{% for level in ['district', 'city'] %}
select
    'D15' as indicator_code,
    '{{ level }}' as unit_level,
    counted.unit_code,
    'quarter' as window_kind,
    counted.period_start,
    counted.period_end,
    cast(counted.crimes_n as double) as numerator,
    cast(unit.population as double) / cast(100000 as double) as denominator,
    cast(counted.crimes_n as double) * cast(100000 as double) / cast(unit.population as double) as stat_value,
    counted.crimes_n as population_n,
    cast(0 as bigint) as open_n,
    cast(null as double) as open_age_days,
    true as is_complete,
    false as is_provisional,
    {{ is_running('counted.period_end') }} as is_running
from (
    select
        {{ unit_expression(level) }} as unit_code,
        {{ period_start('quarter', 'period_date') }} as period_start,
        {{ period_end('quarter', 'period_date') }} as period_end,
        cast(sum(value) as bigint) as crimes_n
    from {{ ref('ind_d15_rows') }}
    group by 1, 2, 3
) as counted
left join {{ ref('dim_unit') }} as unit
    on unit.unit_level = '{{ level }}' and unit.unit_code = counted.unit_code
{% if not loop.last %}union all{% endif %}
{% endfor %}
