-- YP-R1, red, clock (the part of cases): thirty days after opening there is no measure. Inside the zone
-- only. The part of sealed records is read from monthly totals, outside (warn_yp_r1).
with timers as (
    select
        {{ rule_columns() }}, helped.case_token as entity_code, helped.district_code as region_code,
        {{ midnight('helped.open_date') }} as started_at,
        {{ day_deadline('helped.open_date', 'rule.limit_days') }},
        {{ midnight('least(helped.measure_date, helped.close_date)') }} as stopped_at,
        helped._delivery_id, helped._source_row
    from {{ ref('stg_f14_youth_prevention_case') }} as helped
    {{ rule_in_force('YP-R1', 'helped.open_date', 'a') }}
)
{{ lights([warning_clock('timers', ['region_code'])]) }}
