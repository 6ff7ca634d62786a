-- U05, population: inspection visits (period date = day of the visit); numerator: joint ones, of two
-- agencies or more. A row whose flag and number of agencies contradict each other is outside.
select
    visit.inspect_id as row_key,
    cast(visit.inspect_time as date) as period_date,
    {{ unit_department_column('visit.org_code') }},
    {{ unit_town_columns() }},
    case when visit.is_joint then 1 else 0 end as is_numerator,
    1 as is_denominator,
    0 as is_open,
    visit.inspect_time, visit.agency_n, visit.is_joint, visit._delivery_id, visit._source_row
from {{ ref('stg_f11_law_enforcement_inspection') }} as visit
{{ unit_department_join('visit.org_code') }}
{{ unit_town_joins('visit.town_code') }}
where visit.inspect_time <= {{ as_of() }} and visit.is_joint = (visit.agency_n >= 2)
