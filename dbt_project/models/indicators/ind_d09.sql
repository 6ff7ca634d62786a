-- D09 矛盾纠纷化解率: by town, district, city; by register month.
-- Reading 1: provisional (no light) until 24:00 of the 60th day after the month; never capped.
with counted as (
    {{ count_ratio('D09', ref('ind_d09_rows'), ['town', 'district', 'city'], ['month']) }}
)
select
    indicator_code, unit_level, unit_code, window_kind, period_start, period_end, numerator,
    denominator, stat_value, population_n, open_n, open_age_days, is_complete,
    {{ as_of_date() }} <= {{ add_days('period_end', 60) }} as is_provisional,
    is_running
from counted
