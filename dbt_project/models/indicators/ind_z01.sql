-- Z01 电诈万人发案率: by town, district, city; by month of the report.
-- numerator: cases; denominator: residents / 10,000 (R01). A unit of R01 without cases has the rate 0
-- (reading 24); the bucket "unassigned" has no population, so no value (reading 20).
with month as (
    {{ months_since('fct_fraud_case', 'report_time') }}
)
{% for level in ['town', 'district', 'city'] %}
select
    'Z01' as indicator_code,
    '{{ level }}' as unit_level,
    coalesce(place.unit_code, counted.unit_code) as unit_code,
    'month' as window_kind,
    coalesce(place.period_start, counted.period_start) as period_start,
    coalesce(place.period_end, counted.period_end) as period_end,
    cast(coalesce(counted.rows_n, 0) as double) as numerator,
    cast(place.population as double) / cast(10000 as double) as denominator,
    cast(null as double) as stat_value,
    coalesce(counted.rows_n, 0) as population_n,
    cast(0 as bigint) as open_n,
    cast(null as double) as open_age_days,
    true as is_complete,
    false as is_provisional,
    {{ is_running('coalesce(place.period_end, counted.period_end)') }} as is_running
from (
    select unit.unit_code, unit.population, month.period_start, month.period_end
    from {{ ref('dim_unit') }} as unit
    cross join month
    where unit.unit_level = '{{ level }}' and unit.population is not null
) as place
full outer join (
    select
        {{ unit_expression(level) }} as unit_code,
        {{ month_of('period_date') }} as period_start, last_day(period_date) as period_end,
        cast(count(*) as bigint) as rows_n
    from {{ ref('ind_z01_rows') }}
    group by 1, 2, 3
) as counted
    on counted.unit_code = place.unit_code and counted.period_start = place.period_start
{% if not loop.last %}union all{% endif %}
{% endfor %}
