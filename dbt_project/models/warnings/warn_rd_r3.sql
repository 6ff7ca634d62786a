-- RD-R3, red: land was taken before its assessment was done (missing), or a plan of compensation was
-- open for comment less than 30 days (threshold).
with needs as (
    select
        {{ rule_columns() }}, taken.exprop_id as entity_code, taken.region_code, taken.town_code,
        {{ day_deadline('taken.decision_date', 0) }}, {{ midnight('taken.assess_done_date') }} as came_at,
        taken._delivery_id, taken._source_row
    from {{ ref('fct_expropriation') }} as taken
    {{ rule_in_force('RD-R3', 'taken.decision_date', 'a') }}
    where taken.decision_date is not null
),
missing as (select *, due_at as needed_at from needs),
measures as (
    select
        {{ rule_columns() }}, plan.exprop_id as entity_code, plan.region_code, taken.town_code,
        {{ days_between('plan.publish_date', 'plan.consult_end') }} as value_compared,
        rule.limit_days as threshold, '日' as measure_zh,
        {{ midnight('plan.publish_date') }} as since_at, cast(null as {{ local_type() }}) as until_at,
        plan._delivery_id, plan._source_row
    from {{ ref('fct_compensation_plan') }} as plan
    left join {{ ref('fct_expropriation') }} as taken on taken.exprop_id = plan.exprop_id
    {{ rule_in_force('RD-R3', 'plan.publish_date', 'b') }}
)
{{ lights([
    warning_missing('missing', ['region_code', 'town_code']),
    warning_threshold('measures', 'value_compared < threshold', ['region_code', 'town_code'])]) }}
