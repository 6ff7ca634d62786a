-- Y06, population: support cases closed as completed or referred (close_reason 1, 2), by the day of
-- closing (period date); numerator: at school, in training or at work (1, 2, 3), as the row now says.
select
    case_token as row_key,
    close_date as period_date,
    {{ unit_region_column('district_code') }},
    case when school_work_status in ('1', '2', '3') then 1 else 0 end as is_numerator,
    1 as is_denominator,
    0 as is_open,
    _delivery_id, _source_row
from {{ ref('stg_f14_youth_prevention_case') }}
{{ unit_region_join('district_code') }}
where close_date <= {{ as_of_date() }} and close_reason in ('1', '2')
