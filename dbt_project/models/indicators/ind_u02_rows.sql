-- U02, population: filed cases that should be closed: due in the month (period date = day it is due);
-- numerator: closed by the reading, the month's end or as_of. Reading 17: in a running month a case
-- closed before its deadline counts at once, an open one enters when its deadline passes.
select
    filed.event_no as row_key,
    cast(filed.due_time as date) as period_date,
    {{ unit_department_column('filed.org_code') }},
    {{ unit_town_columns() }},
    case when filed.close_time < filed.month_over then 1 else 0 end as is_numerator,
    case when filed.due_time <= {{ as_of() }} or filed.close_time < filed.month_over
        then 1 else 0 end as is_denominator,
    case when filed.close_time is null then 1 else 0 end as is_open,
    filed.file_time, filed.due_time, filed.close_time, filed.event_class,
    filed._delivery_id, filed._source_row
from (
    select
        event_no, file_time, due_time, event_class, org_code, town_code, _delivery_id, _source_row,
        {{ midnight(add_days('last_day(cast(due_time as date))', 1)) }} as month_over,
        -- What had not happened by as_of is not known.
        case when close_time <= {{ as_of() }} then close_time end as close_time
    from {{ ref('fct_city_mgmt_event') }}
    where file_time <= {{ as_of() }} and due_time is not null
) as filed
{{ unit_department_join('filed.org_code') }}
{{ unit_town_joins('filed.town_code') }}
