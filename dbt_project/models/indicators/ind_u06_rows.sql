-- U06, population: grid events with a time limit (period date = day it is due); numerator: finished no
-- later. Reading 17: finished before the deadline counts at once, an open event enters when its
-- deadline passes. An event without a limit is outside.
select
    event.event_id as row_key,
    cast(event.due_time as date) as period_date,
    {{ unit_town_columns() }},
    case when event.finish_time <= event.due_time then 1 else 0 end as is_numerator,
    case when event.due_time <= {{ as_of() }} or event.finish_time <= event.due_time
        then 1 else 0 end as is_denominator,
    case when event.finish_time is null then 1 else 0 end as is_open,
    event.report_time, event.due_time, event.finish_time, event.event_type,
    event._delivery_id, event._source_row
from (
    select
        event_id, report_time, due_time, event_type, town_code, _delivery_id, _source_row,
        -- What had not happened by as_of is not known.
        case when finish_time <= {{ as_of() }} then finish_time end as finish_time
    from {{ ref('fct_grid_event') }}
    where report_time <= {{ as_of() }} and due_time is not null
) as event
{{ unit_town_joins('event.town_code') }}
