-- U01, population: filed cases by the day their handling is due (period date); numerator: handled no
-- later. Reading 17: handled before the deadline counts at once, an open case enters when its
-- deadline passes. A case without a deadline is outside.
select
    filed.event_no as row_key,
    cast(filed.due_time as date) as period_date,
    {{ unit_department_column('filed.org_code') }},
    {{ unit_town_columns() }},
    case when filed.handle_time <= filed.due_time then 1 else 0 end as is_numerator,
    case when filed.due_time <= {{ as_of() }} or filed.handle_time <= filed.due_time
        then 1 else 0 end as is_denominator,
    case when filed.handle_time is null then 1 else 0 end as is_open,
    filed.file_time, filed.due_time, filed.handle_time, filed.event_class,
    filed._delivery_id, filed._source_row
from (
    select
        event_no, file_time, due_time, event_class, org_code, town_code, _delivery_id, _source_row,
        -- What had not happened by as_of is not known.
        case when handle_time <= {{ as_of() }} then handle_time end as handle_time
    from {{ ref('fct_city_mgmt_event') }}
    where file_time <= {{ as_of() }} and due_time is not null
) as filed
{{ unit_department_join('filed.org_code') }}
{{ unit_town_joins('filed.town_code') }}
