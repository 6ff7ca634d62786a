-- CM-R1, red, clock: it was not handled in twice the time it was given, counted from its dispatch.
with timers as (
    select
        {{ rule_columns() }}, event.event_no as entity_code, event.org_code, event.town_code,
        event.dispatch_time as started_at,
        event.dispatch_time + (event.due_time - event.dispatch_time) * rule.limit_factor as due_at,
        false as by_day, event.handle_time as stopped_at, event._delivery_id, event._source_row
    from {{ ref('fct_city_mgmt_event') }} as event
    {{ rule_in_force('CM-R1', 'cast(event.due_time as date)') }}
    where event.due_time > event.dispatch_time
)
{{ lights([warning_clock('timers', ['org_code', 'town_code'])]) }}
