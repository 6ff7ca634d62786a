-- Durations by whole day, the judging step's material for a posterior of a median: rows with a
-- duration in (days_upto - 1, days_upto]. "More than 20 days" is exactly days_upto > 20.
{% for level in ['town', 'district', 'city'] %}
select
    'D12' as indicator_code,
    '{{ level }}' as unit_level,
    {{ unit_expression(level) }} as unit_code,
    {{ month_of('period_date') }} as period_start,
    last_day(period_date) as period_end,
    cast(ceil(value) as integer) as days_upto,
    cast(count(*) as bigint) as rows_n
from {{ ref('ind_d12_rows') }}
group by 1, 2, 3, 4, 5, 6
{% if not loop.last %}union all{% endif %}
{% endfor %}
