-- XL-R05, red, clock: a transfer approved and not made within 24 hours, or reported and not decided
-- by 24:00 of the third day.
with timer as (
    select
        warned.warning_id, warned.case_id, rule.rule_version, warned._delivery_id, warned._source_row,
        warned.approve_time as started_at,
        {{ add_minutes('warned.approve_time', 'rule.limit_hours * 60') }} as due_at,
        warned.transfer_time as stopped_at
    from {{ ref('fct_transfer_warning') }} as warned
    {{ rule_in_force('XL-R05', 'cast(warned.approve_time as date)') }}
    where warned.approve_result = '1'
    union all
    select
        warned.warning_id, warned.case_id, rule.rule_version, warned._delivery_id, warned._source_row,
        {{ midnight('warned.report_date') }},
        {{ midnight(add_days('warned.report_date', '(rule.limit_days + 1)')) }},
        cast(null as {{ local_type() }})
    from {{ ref('fct_transfer_warning') }} as warned
    {{ rule_in_force('XL-R05', 'warned.report_date') }}
    where warned.approve_time is null
),
timers as (
    select *, 'XL-R05' as rule_id, 'warning' as entity_kind, warning_id as entity_code from timer
)
{{ warning_clock('timers') }}
