-- Y07 记录封存执行率: city; by quarter. population_n: months received; below three a quarter that is
-- over is not complete and has no value.
with counted as (
    {{ count_ratio('Y07', ref('ind_y07_rows'), ['city'], ['quarter'], population='is_month') }}
)
select
    indicator_code, unit_level, unit_code, window_kind, period_start, period_end, numerator,
    denominator, stat_value, population_n, open_n, open_age_days,
    population_n = 3 or is_running as is_complete,
    is_provisional, is_running
from counted
