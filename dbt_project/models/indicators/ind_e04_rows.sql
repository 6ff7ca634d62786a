-- E04, population: matters asked of a unit that it finished (period date = day of the finish).
-- value: elapsed days as a fraction (reading 16) from the asking to the finish.
select
    matter.matter_id as row_key,
    cast(matter.finish_time as date) as period_date,
    {{ unit_department_column('matter.coop_org_code') }},
    {{ unit_region_column('matter.region_code') }},
    {{ elapsed_days('matter.submit_time', 'matter.finish_time') }} as value,
    0 as is_numerator, 1 as is_denominator, 0 as is_open,
    matter.submit_time, matter.finish_time, matter.matter_code, matter.result,
    matter._delivery_id, matter._source_row
from {{ ref('fct_coop_matter') }} as matter
{{ unit_department_join('matter.coop_org_code') }}
{{ unit_region_join('matter.region_code') }}
where matter.finish_time is not null
