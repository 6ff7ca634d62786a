-- One row per non-police call handed to a department (F21), its latest state. What had not happened
-- by as_of is not known; a return has no time of its own.
select
    coop_id, dispatch_time, due_time,
    case when finish_time <= {{ as_of() }} then finish_time end as finish_time,
    back_to_police, dept_org_code, town_code,
    _delivery_id, _source_row, _valid_from, _month
from {{ ref('stg_f21_police_grid_coop') }}
where dispatch_time <= {{ as_of() }}
