-- PT-Y1, yellow, clock: a suggestion or an appeal was not told within ten days that it is taken up (step 03).
with timers as (
    select
        {{ rule_columns() }}, matter.petition_no as entity_code, matter.target_org_code as org_code,
        matter.town_code, matter.register_time as started_at,
        {{ day_deadline('matter.register_time', 'rule.limit_days') }}, matter.accepted_time as stopped_at,
        matter._delivery_id, matter._source_row
    from {{ ref('fct_petition') }} as matter
    {{ rule_in_force('PT-Y1', 'cast(matter.register_time as date)') }}
    where matter.purpose in ('1', '3')
)
{{ lights([warning_clock('timers', ['org_code', 'town_code'])]) }}
