-- H01 严重精神障碍在册率: city, per 1,000 residents; a stock of month ends. Counted in the L4 zone
-- (models/l4/health) over residents; here the city's cell that its declassify let out.
with crossed as (
    {{ declassified_counts('H01') }}
)
select
    indicator_code, unit_level, unit_code, window_kind, period_start, period_end, numerator,
    denominator / cast(1000 as double) as denominator,
    stat_value, population_n, open_n, open_age_days, is_complete, is_provisional, is_running
from crossed
where unit_level = 'city'
