-- P01 刑事警情万人发案率: by town, district, city; by month.
-- numerator: valid criminal calls; denominator: residents / 10,000 (R01). The bucket "unassigned"
-- has no population, so no value (reading 20). population_n: day-towns counted; open_n: missing ones.
{% for level in ['town', 'district', 'city'] %}
select
    'P01' as indicator_code,
    '{{ level }}' as unit_level,
    counted.unit_code,
    'month' as window_kind,
    counted.period_start,
    counted.period_end,
    counted.numerator,
    cast(unit.population as double) / cast(10000 as double) as denominator,
    cast(null as double) as stat_value,
    counted.population_n,
    counted.open_n,
    cast(null as double) as open_age_days,
    counted.open_n = 0 as is_complete,
    false as is_provisional,
    {{ is_running('counted.period_end') }} as is_running
from (
    select
        {{ unit_expression(level) }} as unit_code,
        {{ month_of('period_date') }} as period_start, last_day(period_date) as period_end,
        cast(sum(value) as double) as numerator,
        cast(count(*) as bigint) as population_n,
        cast(sum(is_open) as bigint) as open_n
    from {{ ref('ind_p01_rows') }}
    group by 1, 2, 3
) as counted
left join {{ ref('dim_unit') }} as unit
    on unit.unit_level = '{{ level }}' and unit.unit_code = counted.unit_code
{% if not loop.last %}union all{% endif %}
{% endfor %}
