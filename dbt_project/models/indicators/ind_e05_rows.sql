-- E05, population: matters asked of a unit by the day they are due (period date); numerator: finished
-- no later, a return (result 3) counts by its finish too. Reading 17: finished before the deadline
-- counts at once, an open matter enters when its deadline passes.
select
    matter.matter_id as row_key,
    cast(matter.due_time as date) as period_date,
    {{ unit_department_column('matter.coop_org_code') }},
    matter.matter_code as unit_matter,
    {{ unit_region_column('matter.region_code') }},
    case when matter.finish_time <= matter.due_time then 1 else 0 end as is_numerator,
    case when matter.due_time <= {{ as_of() }} or matter.finish_time <= matter.due_time
        then 1 else 0 end as is_denominator,
    case when matter.finish_time is null then 1 else 0 end as is_open,
    matter.submit_time, matter.due_time, matter.finish_time, matter.matter_code, matter.result,
    matter._delivery_id, matter._source_row
from {{ ref('fct_coop_matter') }} as matter
{{ unit_department_join('matter.coop_org_code') }}
{{ unit_region_join('matter.region_code') }}
