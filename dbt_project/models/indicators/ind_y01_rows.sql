-- Y01, population: young people covered by services, as the authorities total them, one row per month
-- and district, and one for the city (period date = the month's first day).
select
    total.district_code || ' ' || {{ year_month('total.month_start') }} as row_key,
    total.month_start as period_date,
    case when total.district_code = {{ city_code() }} then {{ city_code() }} end as unit_city,
    case when total.district_code <> {{ city_code() }} then coalesce(region.unit_district, 'unassigned') end
        as unit_district,
    total.covered_youth_n as is_numerator,
    total.covered_youth_n as is_denominator,
    0 as is_open,
    total.covered_youth_n, total.report_batch, total._delivery_id, total._source_row
from {{ ref('fct_youth_total') }} as total
{{ unit_region_join('total.district_code') }}
where total.covered_youth_n is not null
