-- YP-Q1, ground b, population: entries made in error, of all, by the day the case was opened (period
-- date), because no source says when it was contested or undone.
select
    helped.case_token as row_key,
    helped.open_date as period_date,
    {{ unit_region_column('helped.district_code') }},
    case when helped.close_reason = '3' then 1 else 0 end as is_numerator,
    1 as is_denominator,
    0 as is_open,
    helped._delivery_id, helped._source_row
from {{ ref('stg_f14_youth_prevention_case') }} as helped
{{ unit_region_join('helped.district_code') }}
where helped.open_date <= {{ as_of_date() }}
