-- Y02: persons of the year to date against the same months a year before, one row per month and
-- district, and one for the city (period date = the month's first day). numerator: the difference;
-- denominator: the year before. least_n: the smaller of the two counts. Suppressed: neither.
select
    total.district_code || ' ' || {{ year_month('total.month_start') }} as row_key,
    total.month_start as period_date,
    case when total.district_code = {{ city_code() }} then {{ city_code() }} end as unit_city,
    case when total.district_code <> {{ city_code() }} then coalesce(region.unit_district, 'unassigned') end
        as unit_district,
    total.person_ytd_n - before.person_ytd_n as is_numerator,
    case when total.person_ytd_n is not null then before.person_ytd_n end as is_denominator,
    0 as is_open,
    -- The engines' least() passes over a null.
    case when total.person_ytd_n is not null and before.person_ytd_n is not null
        then least(total.person_ytd_n, before.person_ytd_n) end as least_n,
    total.person_ytd_n as persons_now_n, before.person_ytd_n as persons_before_n,
    total._delivery_id, total._source_row
from {{ ref('fct_youth_total') }} as total
inner join {{ ref('fct_youth_total') }} as before
    on before.district_code = total.district_code
    and before.month_start = {{ months_before('total.month_start', 12) }}
{{ unit_region_join('total.district_code') }}
