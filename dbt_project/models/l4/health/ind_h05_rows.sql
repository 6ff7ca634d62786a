-- H05, population: service warnings by the day their answer is due (period date); numerator: answered
-- no later. Reading 17: answered before the deadline counts at once, an open one enters when its
-- deadline passes.
select
    warning.warning_id as row_key,
    cast(warning.due_time as date) as period_date,
    {{ unit_region_column('warning.district_code') }},
    case when warning.respond_time <= warning.due_time then 1 else 0 end as is_numerator,
    case when warning.due_time <= {{ as_of() }} or warning.respond_time <= warning.due_time
        then 1 else 0 end as is_denominator,
    case when warning.respond_time is null then 1 else 0 end as is_open,
    warning._delivery_id, warning._source_row
from (
    select
        warning_id, due_time, district_code, _delivery_id, _source_row,
        -- What had not happened by as_of is not known.
        case when respond_time <= {{ as_of() }} then respond_time end as respond_time
    from {{ ref('stg_f13_smd_warning') }}
    where warn_time <= {{ as_of() }}
) as warning
{{ unit_region_join('warning.district_code') }}
