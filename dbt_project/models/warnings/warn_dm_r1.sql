-- DM-R1, red, missing: a mediator or the police recorded a sign of escalation, and the joint response is
-- not there. It is raised with the record; 24 hours are what the response is granted.
with needs as (
    select
        {{ rule_columns() }}, dispute.dispute_code as entity_code, dispute.town_code,
        dispute.escalation_time as needed_at, false as by_day, rule.limit_hours as patience_hours,
        least(dispute.joint_response_time, dispute.first_06_time) as came_at,
        dispute._delivery_id, dispute._source_row
    from {{ ref('fct_dispute') }} as dispute
    {{ rule_in_force('DM-R1', 'cast(dispute.escalation_time as date)') }}
    where dispute.escalation_sign in ('01', '02', '03', '04', '05')
)
{{ lights([warning_missing('needs', ['town_code', 'patience_hours'])]) }}
