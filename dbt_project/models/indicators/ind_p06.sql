-- P06 民意满意率: by station, kind, town, city; by month of the service. population_n: contacts, answered
-- or not: denominator / population_n is the response rate.
-- Reading 1: provisional (no light) until 24:00 of the 15th day after the month.
with counted as (
    {{ count_ratio('P06', ref('ind_p06_rows'), ['station', 'kind', 'town', 'city'], ['month'],
        spread_level='town', population='is_contact') }}
)
select
    indicator_code, unit_level, unit_code, window_kind, period_start, period_end, numerator,
    denominator, stat_value, population_n, open_n, open_age_days, is_complete,
    {{ as_of_date() }} <= {{ add_days('period_end', 15) }} as is_provisional,
    is_running
from counted
