-- D12 纠纷化解时长中位数: by town, district, city; by month of the first 06 event.
-- No closing in the month: no value (never 0); open disputes stand beside it.
{% for level in ['town', 'district', 'city'] %}
select
    'D12' as indicator_code,
    '{{ level }}' as unit_level,
    coalesce(closed.unit_code, still_open.unit_code) as unit_code,
    'month' as window_kind,
    coalesce(closed.period_start, still_open.period_start) as period_start,
    coalesce(closed.period_end, still_open.period_end) as period_end,
    cast(null as double) as numerator,
    cast(coalesce(closed.rows_n, 0) as double) as denominator,
    closed.median_days as stat_value,
    coalesce(closed.rows_n, 0) as population_n,
    coalesce(still_open.rows_n, 0) as open_n,
    still_open.age_days as open_age_days,
    true as is_complete,
    false as is_provisional,
    {{ is_running('coalesce(closed.period_end, still_open.period_end)') }} as is_running
from (
    select
        {{ unit_expression(level) }} as unit_code,
        {{ month_of('period_date') }} as period_start, last_day(period_date) as period_end,
        cast(count(*) as bigint) as rows_n, median(value) as median_days
    from {{ ref('ind_d12_rows') }}
    group by 1, 2, 3
) as closed
full outer join (
    select
        {{ unit_expression(level) }} as unit_code, period_start, period_end,
        cast(count(*) as bigint) as rows_n, median(age_days) as age_days
    from {{ ref('ind_d12_open') }}
    group by 1, 2, 3
) as still_open
    on still_open.unit_code = closed.unit_code and still_open.period_start = closed.period_start
{% if not loop.last %}union all{% endif %}
{% endfor %}
