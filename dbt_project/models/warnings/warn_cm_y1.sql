-- CM-Y1, yellow, clock: an event of city management was not handled by the time its class sets.
with timers as (
    select
        {{ rule_columns() }}, event.event_no as entity_code, event.org_code, event.town_code,
        coalesce(event.dispatch_time, event.file_time, event.report_time) as started_at,
        event.due_time as due_at, false as by_day, event.handle_time as stopped_at,
        event._delivery_id, event._source_row
    from {{ ref('fct_city_mgmt_event') }} as event
    {{ rule_in_force('CM-Y1', 'cast(event.due_time as date)') }}
)
{{ lights([warning_clock('timers', ['org_code', 'town_code'])]) }}
