-- XL-R05, red, clock: a transfer approved and not made within 24 hours, or reported and not decided
-- by 24:00 of the third day.
with timers as (
    select
        {{ rule_columns() }}, warned.warning_id as entity_code, warned.case_id,
        warned.approve_time as started_at,
        {{ hour_deadline('warned.approve_time', 'rule.limit_hours') }},
        warned.transfer_time as stopped_at, warned._delivery_id, warned._source_row
    from {{ ref('fct_transfer_warning') }} as warned
    {{ rule_in_force('XL-R05', 'cast(warned.approve_time as date)', 'a') }}
    where warned.approve_result = '1'
    union all
    select
        {{ rule_columns() }}, warned.warning_id, warned.case_id,
        {{ midnight('warned.report_date') }},
        {{ day_deadline('warned.report_date', 'rule.limit_days') }},
        warned.approve_time, warned._delivery_id, warned._source_row
    from {{ ref('fct_transfer_warning') }} as warned
    {{ rule_in_force('XL-R05', 'warned.report_date', 'b') }}
)
{{ lights([warning_clock('timers', ['case_id'])]) }}
