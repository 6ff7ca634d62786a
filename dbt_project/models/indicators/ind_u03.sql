-- U03 返工率: by department, town, district, city; by month of handling.
-- Reading 1: provisional (no light) until 24:00 of the 15th day after the month, like P06: a case is
-- checked and sent back within days.
with counted as (
    {{ count_ratio('U03', ref('ind_u03_rows'), ['department', 'town', 'district', 'city'], ['month']) }}
)
select
    indicator_code, unit_level, unit_code, window_kind, period_start, period_end, numerator,
    denominator, stat_value, population_n, open_n, open_age_days, is_complete,
    {{ as_of_date() }} <= {{ add_days('period_end', 15) }} as is_provisional,
    is_running
from counted
