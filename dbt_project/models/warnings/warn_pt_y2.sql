-- PT-Y2, yellow, clock: a petition by the petition procedure (path 6) was taken up and not answered within 50
-- days and the days it was extended by (30 at most, whenever that was agreed).
with timers as (
    select
        {{ rule_columns() }}, matter.petition_no as entity_code, matter.target_org_code as org_code,
        matter.town_code, matter.accepted_time as started_at,
        {{ day_deadline('matter.accepted_time', 'rule.limit_days + matter.extend_days') }},
        matter.closed_time as stopped_at, matter._delivery_id, matter._source_row
    from {{ ref('fct_petition') }} as matter
    {{ rule_in_force('PT-Y2', 'cast(matter.accepted_time as date)') }}
    where matter.handle_path = '6' and matter.accepted_time is not null
)
{{ lights([warning_clock('timers', ['org_code', 'town_code'])]) }}
