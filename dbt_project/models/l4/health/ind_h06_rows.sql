-- H06, population: service warnings found to need an intervention, by the day their answer is due
-- (period date); not yet verified: outside. numerator: closed by the reading, the month's end or
-- as_of. Reading 17: closed before the deadline counts at once, an open one enters when it passes.
select
    warning.warning_id as row_key,
    cast(warning.due_time as date) as period_date,
    {{ unit_region_column('warning.district_code') }},
    case when warning.close_time < warning.month_over then 1 else 0 end as is_numerator,
    case when warning.due_time <= {{ as_of() }} or warning.close_time < warning.month_over
        then 1 else 0 end as is_denominator,
    case when warning.close_time is null then 1 else 0 end as is_open,
    warning._delivery_id, warning._source_row
from (
    select
        warning_id, due_time, district_code, _delivery_id, _source_row,
        {{ midnight(add_days('last_day(cast(due_time as date))', 1)) }} as month_over,
        -- What had not happened by as_of is not known.
        case when close_time <= {{ as_of() }} then close_time end as close_time
    from {{ ref('stg_f13_smd_warning') }}
    where warn_time <= {{ as_of() }} and needs_intervention
) as warning
{{ unit_region_join('warning.district_code') }}
