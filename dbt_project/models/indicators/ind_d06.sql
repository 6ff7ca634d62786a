-- D06 信访积案化解率: by town, district, city; by quarter.
-- Reading 1: provisional (no light) until 24:00 of the 180th day after the quarter; never capped.
with counted as (
    {{ count_ratio('D06', ref('ind_d06_rows'), ['town', 'district', 'city'], ['quarter']) }}
)
select
    indicator_code, unit_level, unit_code, window_kind, period_start, period_end, numerator,
    denominator, stat_value, population_n, open_n, open_age_days, is_complete,
    {{ as_of_date() }} <= {{ add_days('period_end', 180) }} as is_provisional,
    is_running
from counted
