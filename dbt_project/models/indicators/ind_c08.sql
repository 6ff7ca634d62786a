-- C08 平安县(市、区)达标率: city; by year. Provisional while a district is still pending.
with counted as (
    {{ count_ratio('C08', ref('ind_c08_rows'), ['city'], ['year']) }}
)
select
    indicator_code, unit_level, unit_code, window_kind, period_start, period_end, numerator,
    denominator, stat_value, population_n, open_n, open_age_days, is_complete,
    open_n > 0 as is_provisional, is_running
from counted
