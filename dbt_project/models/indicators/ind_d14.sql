-- D14 万人成讼率: by town, district, city; by the twelve months that end with a month.
-- numerator: filings of the twelve months; denominator: residents / 10,000 (R01). A month that a court
-- has not reported leaves the window without a value; the first window begins with the first report.
-- population_n: rows counted; open_n: town-months not reported.
with bounds as (
    select min(period_date) as first_month, max(period_date) as last_month from {{ ref('ind_d14_rows') }}
),
closing as (
    select spine.cal_day as month_start
    from ({{ day_spine("date '2015-01-01'", as_of_date()) }}) as spine
    inner join bounds
        on {{ months_before('spine.cal_day', 11) }} >= bounds.first_month and spine.cal_day <= bounds.last_month
    where spine.cal_day = {{ month_of('spine.cal_day') }} and last_day(spine.cal_day) < {{ as_of_date() }}
)
{% for level in ['town', 'district', 'city'] %}
select
    'D14' as indicator_code,
    '{{ level }}' as unit_level,
    counted.unit_code,
    'rolling_year' as window_kind,
    {{ months_before('counted.month_start', 11) }} as period_start,
    last_day(counted.month_start) as period_end,
    counted.numerator,
    cast(unit.population as double) / cast(10000 as double) as denominator,
    cast(null as double) as stat_value,
    counted.population_n,
    counted.open_n,
    cast(null as double) as open_age_days,
    counted.open_n = 0 as is_complete,
    false as is_provisional,
    false as is_running
from (
    select
        monthly.unit_code, closing.month_start,
        cast(sum(monthly.value_n) as double) as numerator,
        cast(sum(monthly.rows_n) as bigint) as population_n,
        cast(sum(monthly.open_n) as bigint) as open_n
    from closing
    inner join (
        select
            {{ unit_expression(level) }} as unit_code, period_date, sum(value) as value_n,
            count(*) as rows_n, sum(is_open) as open_n
        from {{ ref('ind_d14_rows') }}
        group by 1, 2
    ) as monthly
        on monthly.period_date between {{ months_before('closing.month_start', 11) }} and closing.month_start
    group by 1, 2
) as counted
left join {{ ref('dim_unit') }} as unit
    on unit.unit_level = '{{ level }}' and unit.unit_code = counted.unit_code
{% if not loop.last %}union all{% endif %}
{% endfor %}
