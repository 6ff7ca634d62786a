-- XL-Y02, yellow, clock: filed and neither decided, closed nor handed over by 24:00 of the 90th day,
-- the days legally suspended added.
with timers as (
    select
        {{ rule_columns() }}, filed.case_id as entity_code, filed.case_id,
        {{ midnight('filed.file_date') }} as started_at,
        {{ day_deadline('filed.file_date', 'rule.limit_days + filed.suspend_days') }},
        {{ midnight('least(filed.decide_date, filed.close_date, filed.transfer_date)') }} as stopped_at,
        filed._delivery_id, filed._source_row
    from {{ ref('fct_enforcement_case') }} as filed
    {{ rule_in_force('XL-Y02', 'filed.file_date') }}
)
{{ lights([warning_clock('timers', ['case_id'])]) }}
