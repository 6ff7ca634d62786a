-- D07, population: tickets of types 1-4 with their due time (period date = due day).
-- Running period (reading 17): finished before the deadline counts at once, an open ticket enters
-- when its deadline passes. open = still unfinished at as_of, in or not yet in the denominator.
select
    ticket.ticket_id as row_key,
    cast(ticket.due_time as date) as period_date,
    {{ unit_town_columns() }},
    {{ unit_department_column('ticket.handle_org_code') }},
    case when (ticket.due_time <= {{ as_of() }} or ticket.finish_time <= ticket.due_time)
        and ticket.finish_time <= ticket.due_time then 1 else 0 end as is_numerator,
    case when ticket.due_time <= {{ as_of() }} or ticket.finish_time <= ticket.due_time
        then 1 else 0 end as is_denominator,
    case when ticket.finish_time is null then 1 else 0 end as is_open,
    ticket.accept_time, ticket.due_time, ticket.finish_time, ticket.ticket_type, ticket.topic_code,
    ticket._delivery_id, ticket._source_row
from (
    select
        ticket_id, accept_time, due_time, ticket_type, topic_code, handle_org_code, town_code,
        _delivery_id, _source_row,
        -- What had not happened by as_of is not known.
        case when finish_time <= {{ as_of() }} then finish_time end as finish_time
    from {{ ref('fct_hotline_ticket') }}
    where accept_time <= {{ as_of() }}
) as ticket
{{ unit_town_joins('ticket.town_code') }}
{{ unit_department_join('ticket.handle_org_code') }}
where ticket.ticket_type in ('1', '2', '3', '4')
