-- DM-R2, red, repetition: three valid calls on one matter within 30 days, and violence recorded in it.
with events as (
    select
        {{ rule_columns() }}, dispute.dispute_code as entity_code, dispute.dispute_code as group_code,
        dispute.town_code, cast(call.call_time as date) as event_day,
        {{ add_days('cast(call.call_time as date)', '(-1 * rule.window_days)') }} as window_from,
        call.call_time as event_at, greatest(call.call_time, dispute.escalation_time) as raised_at,
        1 as weight, rule.least_cases as threshold, rule.least_cases as least_n, '起' as measure_zh,
        call._delivery_id, call._source_row
    from {{ ref('fct_matter_call') }} as call
    inner join {{ ref('fct_dispute') }} as dispute on dispute.dispute_code = call.dispute_code
    {{ rule_in_force('DM-R2', 'cast(call.call_time as date)') }}
    where call.is_valid and dispute.escalation_sign in ('02', '03', '05')
),
ends as (
    select dispute_code as group_code, event_time as ended_at
    from {{ ref('fct_dispute_event') }}
    where to_state in ('06', '07', '09')
)
{{ lights([warning_repetition('events', ['town_code', 'cases_n'], ends='ends')]) }}
