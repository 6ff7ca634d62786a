-- Z06 预警误报率: by town, district, city; by month of the warning.
-- Reading 1: provisional (no light) until 24:00 of the 7th day after the month.
with counted as (
    {{ count_ratio('Z06', ref('ind_z06_rows'), ['town', 'district', 'city'], ['month']) }}
)
select
    indicator_code, unit_level, unit_code, window_kind, period_start, period_end, numerator,
    denominator, stat_value, population_n, open_n, open_age_days, is_complete,
    {{ as_of_date() }} <= {{ add_days('period_end', 7) }} as is_provisional,
    is_running
from counted
