-- D10, population: closings (each 06 event is one item) with ninety days of follow-up (period date =
-- the 90th day after it, entered when it has passed); numerator: reopened (a later 08 event of the
-- same dispute) by 24:00 of that day.
with closing as (
    select
        event_id, dispute_code, event_time, handler_org, town_code, tier, close_check,
        {{ add_days('cast(event_time as date)', 90) }} as follow_up_end, _delivery_id, _source_row
    from {{ ref('fct_dispute_event') }}
    where to_state = '06' and {{ add_days('cast(event_time as date)', 90) }} < {{ as_of_date() }}
),
reopened as (
    select closing.event_id, min(later.event_time) as reopened_time
    from closing
    inner join {{ ref('fct_dispute_event') }} as later
        on later.dispute_code = closing.dispute_code and later.to_state = '08'
        and later.event_time > closing.event_time
    where later.event_time <= {{ as_of() }}
    group by closing.event_id
)
select
    closing.event_id as row_key,
    closing.follow_up_end as period_date,
    {{ unit_department_column('closing.handler_org') }},
    {{ unit_town_columns() }},
    case when cast(reopened.reopened_time as date) <= closing.follow_up_end then 1 else 0 end as is_numerator,
    1 as is_denominator,
    0 as is_open,
    closing.event_time as closed_time, closing.close_check, reopened.reopened_time,
    closing._delivery_id, closing._source_row
from closing
left join reopened on reopened.event_id = closing.event_id
{{ unit_town_joins('closing.town_code') }}
{{ unit_department_join('closing.handler_org') }}
