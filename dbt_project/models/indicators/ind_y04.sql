-- Y04 复犯率同比: city; by quarter. value: relative change of the rate in %, not percentage points.
-- population_n: the smaller of the two counts behind, by which the cell is hidden.
select
    'Y04' as indicator_code,
    'city' as unit_level,
    {{ city_code() }} as unit_code,
    'quarter' as window_kind,
    {{ period_start('quarter', 'period_date') }} as period_start,
    {{ period_end('quarter', 'period_date') }} as period_end,
    is_numerator as numerator,
    is_denominator as denominator,
    case when is_denominator > 0 then cast(100 as double) * is_numerator / is_denominator end as stat_value,
    cast(least_n as bigint) as population_n,
    cast(is_open as bigint) as open_n,
    cast(null as double) as open_age_days,
    true as is_complete,
    false as is_provisional,
    {{ is_running(period_end('quarter', 'period_date')) }} as is_running
from {{ ref('ind_y04_rows') }}
