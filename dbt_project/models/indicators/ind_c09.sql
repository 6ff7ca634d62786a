-- C09 群众安全感满意率: by district, city; by quarter (wave). population_n: heads that answered;
-- open_n: heads that refused. Below 400 answers a district is not published (reading 26).
with counted as (
    {{ count_ratio('C09', ref('ind_c09_rows'), ['district', 'city'], ['quarter'], population='is_answer') }}
)
select
    indicator_code, unit_level, unit_code, window_kind, period_start, period_end,
    case when unit_level = 'city' or population_n >= 400 then numerator end as numerator,
    case when unit_level = 'city' or population_n >= 400 then denominator end as denominator,
    stat_value, population_n, open_n, open_age_days,
    unit_level = 'city' or population_n >= 400 as is_complete,
    is_provisional, is_running
from counted
