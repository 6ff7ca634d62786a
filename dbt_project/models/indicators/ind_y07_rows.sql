-- Y07: records due to be sealed, as the authorities total them for the city, one row per month (period
-- date = its first day); numerator: sealed. Months without the two numbers are missing.
select
    {{ year_month('month_start') }} as row_key,
    month_start as period_date,
    {{ city_code() }} as unit_city,
    seal_done_n as is_numerator,
    seal_due_n as is_denominator,
    0 as is_open,
    1 as is_month,
    seal_due_n, seal_done_n, report_batch, _delivery_id, _source_row
from {{ ref('fct_youth_total') }}
where district_code = {{ city_code() }} and seal_due_n is not null and seal_done_n is not null
