-- Y03: the city's total row of the last month of a quarter (period date = that month's first day): of
-- the persons dealt with in the twelve months before, those who offended again. Suppressed: neither.
select
    {{ year_month('month_start') }} as row_key,
    month_start as period_date,
    {{ city_code() }} as unit_city,
    reoffend_person_n as is_numerator,
    released_cohort_n as is_denominator,
    0 as is_open,
    reoffend_person_n, released_cohort_n, report_batch, _delivery_id, _source_row
from {{ ref('fct_youth_total') }}
where district_code = {{ city_code() }} and extract(month from month_start) in (3, 6, 9, 12)
  and reoffend_person_n is not null and released_cohort_n is not null
