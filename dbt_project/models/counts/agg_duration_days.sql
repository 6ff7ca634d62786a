-- Durations by whole day, the judging step's material for the posterior of a median or a mean: rows
-- with a duration in (days_upto - 1, days_upto], their sum and the sum of their squares. "More than 20
-- days" is exactly days_upto > 20.
{% set counted = [
    ('D12', 'ind_d12_rows', ['town', 'district', 'city']),
    ('E04', 'ind_e04_rows', ['department', 'district', 'city']),
    ('E08', 'ind_e08_rows', ['court', 'district', 'city'])] %}
{% for code, rows, levels in counted %}{% for level in levels %}
select
    '{{ code }}' as indicator_code,
    '{{ level }}' as unit_level,
    {{ unit_expression(level) }} as unit_code,
    {{ month_of('period_date') }} as period_start,
    last_day(period_date) as period_end,
    cast(ceil(value) as integer) as days_upto,
    cast(count(*) as bigint) as rows_n,
    -- Exact sums (a tenth of a millisecond): those of doubles depend on the order of the rows.
    cast(sum(cast(value as decimal(18, 9))) as double) as days_sum,
    cast(sum(cast(value * value as decimal(28, 9))) as double) as days_square_sum
from {{ ref(rows) }}
group by 1, 2, 3, 4, 5, 6
{% if not loop.last %}union all{% endif %}
{% endfor %}{% if not loop.last %}union all{% endif %}{% endfor %}
