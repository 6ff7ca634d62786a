-- YP-Y1, yellow: nobody has spoken to the young person by the day set (clock), or the guardians of one
-- under eighteen were not told (missing). A service light, inside the zone only; it ends with the case.
with timers as (
    select
        {{ rule_columns() }}, helped.case_token as entity_code, helped.district_code as region_code,
        {{ midnight('helped.open_date') }} as started_at,
        {{ day_deadline('helped.first_contact_due', 'rule.limit_days') }},
        {{ midnight('least(helped.first_contact_date, helped.close_date)') }} as stopped_at,
        helped._delivery_id, helped._source_row
    from {{ ref('stg_f14_youth_prevention_case') }} as helped
    {{ rule_in_force('YP-Y1', 'helped.open_date', 'a') }}
),
needs as (
    select
        {{ rule_columns() }}, helped.case_token as entity_code, helped.district_code as region_code,
        {{ midnight('helped.open_date') }} as needed_at, false as by_day,
        {{ midnight('helped.close_date') }} as came_at, helped._delivery_id, helped._source_row
    from {{ ref('stg_f14_youth_prevention_case') }} as helped
    {{ rule_in_force('YP-Y1', 'helped.open_date', 'b') }}
    where helped.age_band in ('1', '2') and not helped.guardian_informed
)
{{ lights([warning_clock('timers', ['region_code']), warning_missing('needs', ['region_code'])]) }}
