-- D15#homicide 民转刑命案数: by district, city; by quarter. A plain count; population_n is the count that
-- disclosure looks at.
{% for level in ['district', 'city'] %}
select
    'D15#homicide' as indicator_code,
    '{{ level }}' as unit_level,
    {{ unit_expression(level) }} as unit_code,
    'quarter' as window_kind,
    {{ period_start('quarter', 'period_date') }} as period_start,
    {{ period_end('quarter', 'period_date') }} as period_end,
    cast(sum(value) as double) as numerator,
    cast(null as double) as denominator,
    cast(sum(value) as double) as stat_value,
    cast(sum(value) as bigint) as population_n,
    cast(0 as bigint) as open_n,
    cast(null as double) as open_age_days,
    true as is_complete,
    false as is_provisional,
    {{ is_running(period_end('quarter', 'period_date')) }} as is_running
from {{ ref('ind_d15_homicide_rows') }}
group by 3, 5, 6
{% if not loop.last %}union all{% endif %}
{% endfor %}
