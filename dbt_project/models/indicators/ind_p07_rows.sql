-- P07, population: contacts with a rectification order, by the day the order is due (period date);
-- numerator: rectified no later. Reading 17: done before the deadline counts at once, an open order
-- enters when its deadline passes. An order without a due date is outside.
select
    contact.feedback_id as row_key,
    cast(contact.order_due as date) as period_date,
    contact.station_code as unit_station,
    {{ unit_department_column('contact.station_code') }},
    case when contact.order_finish <= contact.order_due then 1 else 0 end as is_numerator,
    case when contact.order_due <= {{ as_of() }} or contact.order_finish <= contact.order_due
        then 1 else 0 end as is_denominator,
    case when contact.order_finish is null then 1 else 0 end as is_open,
    contact.service_time, contact.order_due, contact.order_finish, contact.opinion_kind,
    contact._delivery_id, contact._source_row
from (
    select
        feedback_id, station_code, opinion_kind, service_time, order_due, _delivery_id, _source_row,
        -- What had not happened by as_of is not known.
        case when order_finish <= {{ as_of() }} then order_finish end as order_finish
    from {{ ref('fct_feedback') }}
    where order_id is not null and order_due is not null and service_time <= {{ as_of() }}
) as contact
{{ unit_department_join('contact.station_code') }}
