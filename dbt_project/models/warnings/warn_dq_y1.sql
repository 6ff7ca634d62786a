-- DQ-Y1, yellow, clock: a delivery of a feed was not there when it was due. Deliveries of a feed
-- that are due at one moment (one per agency or district) are one light, as late as the last of them.
with due as (select * from {{ ref('int_due_delivery') }}),
timers as (
    select
        {{ rule_columns() }}, due.feed_code as entity_code, due.period_code as occasion,
        due.due_time as started_at, due.due_time as due_at, false as by_day,
        due.landed_time as stopped_at, due._delivery_id, due._source_row
    from due
    {{ rule_in_force('DQ-Y1', 'cast(due.due_time as date)') }}
)
{{ lights([warning_clock('timers', ['occasion'])]) }}
