-- P04, population: non-police calls handed to a department by the day they are due (period date);
-- numerator: finished in time and not returned to the police. Reading 17: finished before the
-- deadline counts at once, one that is not enters when its deadline passes.
select
    handed.coop_id as row_key,
    cast(handed.due_time as date) as period_date,
    {{ unit_department_column('handed.dept_org_code') }},
    {{ unit_town_columns() }},
    case when handed.finish_time <= handed.due_time and not handed.back_to_police
        then 1 else 0 end as is_numerator,
    case when handed.due_time <= {{ as_of() }} or handed.finish_time <= handed.due_time
        then 1 else 0 end as is_denominator,
    case when handed.finish_time is null and not handed.back_to_police then 1 else 0 end as is_open,
    handed.dispatch_time, handed.due_time, handed.finish_time, handed.back_to_police,
    handed._delivery_id, handed._source_row
from {{ ref('fct_call_handover') }} as handed
{{ unit_department_join('handed.dept_org_code') }}
{{ unit_town_joins('handed.town_code') }}
