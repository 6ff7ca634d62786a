-- DQ-R1, red, clock: a delivery of a feed was late by more than one interval of its deliveries. Deliveries of a feed
-- that are due at one moment (one per agency or district) are one light, as late as the last of them.
with due as (select * from {{ ref('int_due_delivery') }}),
timers as (
    select
        {{ rule_columns() }}, due.feed_code as entity_code, due.period_code as occasion,
        due.due_time as started_at, {{ add_minutes('due.due_time', 'due.interval_minutes_n * rule.limit_factor') }} as due_at, false as by_day,
        due.landed_time as stopped_at, due._delivery_id, due._source_row
    from due
    {{ rule_in_force('DQ-R1', 'cast(due.due_time as date)') }}
)
{{ lights([warning_clock('timers', ['occasion'])]) }}
