-- One row per case and window, with the light it had when the window is read: for its month at the
-- month's end, to date now (reading "L02, L03": lights raised after as_of do not count). Red wins.
select
    filed.case_id, way.window_kind, filed.file_date,
    {{ unit_department_column('filed.agency_code') }},
    filed.case_domain as unit_enforcement_domain,
    {{ unit_region_column('filed.region_code') }},
    case
        when way.window_kind = 'month' and filed.first_red_time
            < {{ midnight(add_days('last_day(filed.file_date)', 1)) }} then 'R'
        when way.window_kind = 'to_date' and filed.first_red_time is not null then 'R'
        when way.window_kind = 'month' and filed.first_yellow_time
            < {{ midnight(add_days('last_day(filed.file_date)', 1)) }} then 'Y'
        when way.window_kind = 'to_date' and filed.first_yellow_time is not null then 'Y'
    end as light,
    filed.first_red_time, filed.first_yellow_time, filed._delivery_id, filed._source_row
from {{ ref('fct_enforcement_case') }} as filed
cross join (select 'month' as window_kind union all select 'to_date') as way
{{ unit_department_join('filed.agency_code') }}
{{ unit_region_join('filed.region_code') }}
