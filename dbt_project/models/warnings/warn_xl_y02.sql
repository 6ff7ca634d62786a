-- XL-Y02, yellow, clock: filed and neither decided, closed nor handed over by 24:00 of the 90th day,
-- the days legally suspended added.
with timers as (
    select
        'XL-Y02' as rule_id, rule.rule_version, 'case' as entity_kind, filed.case_id as entity_code,
        filed.case_id,
        {{ midnight('filed.file_date') }} as started_at,
        {{ midnight(add_days('filed.file_date', '(rule.limit_days + filed.suspend_days + 1)')) }} as due_at,
        cast(null as {{ local_type() }}) as stopped_at,
        filed._delivery_id, filed._source_row
    from {{ ref('fct_enforcement_case') }} as filed
    {{ rule_in_force('XL-Y02', 'filed.file_date') }}
    where filed.decide_date is null and filed.close_date is null and filed.transfer_date is null
)
{{ warning_clock('timers') }}
