-- RD-Y2, yellow: many of those asked object, in one round of consultation or in the comments on the
-- environment (accumulation); or a matter nobody thought to need an assessment meets ten petitions and
-- calls within six months (repetition).
with items as (
    select
        {{ rule_columns() }}, asked.decision_id as entity_code, asked.consult_id as occasion,
        {{ midnight('asked.end_date') }} as item_at,
        asked.oppose_n as part, asked.support_n + asked.oppose_n as whole,
        rule.limit_share as threshold, rule.least_cases as least_n, '%' as measure_zh,
        asked._delivery_id, asked._source_row
    from {{ ref('fct_consultation') }} as asked
    {{ rule_in_force('RD-Y2', 'asked.end_date', 'a') }}
    where asked.support_n is not null and asked.oppose_n is not null
    union all
    select
        {{ rule_columns() }}, decision.decision_id, '' as occasion,
        {{ midnight('comment.comment_date') }},
        case when comment.stance = '2' then 1 else 0 end, 1,
        rule.limit_share, rule.least_cases, '%', comment._delivery_id, comment._source_row
    from {{ ref('fct_eia_comment') }} as comment
    inner join {{ ref('fct_decision') }} as decision on decision.project_code = comment.project_code
    {{ rule_in_force('RD-Y2', 'comment.comment_date', 'b') }}
),
told as (
    select project_code, cast(register_time as date) as event_day, register_time as event_at, 1 as weight,
        _delivery_id, _source_row
    from {{ ref('fct_petition') }}
    where project_code is not null
    union all
    select project_code, week_start, {{ midnight('week_start') }}, calls_n, _delivery_id, _source_row
    from {{ ref('fct_project_call') }}
    where calls_n > 0
),
events as (
    select
        {{ rule_columns() }}, decision.decision_id as entity_code, decision.decision_id as group_code,
        told.event_day,
        {{ add_days(months_later('told.event_day', '(-1 * rule.window_months)'), 1) }} as window_from,
        told.event_at, told.event_at as raised_at, told.weight, rule.limit_value as threshold, 1 as least_n,
        '起' as measure_zh, told._delivery_id, told._source_row
    from told
    inner join {{ ref('fct_decision') }} as decision on decision.project_code = told.project_code
    {{ rule_in_force('RD-Y2', 'told.event_day', 'c') }}
    where not decision.must_assess
),
-- Each round of consultation is counted alone; the light is on the decision.
objected as (
    {{ warning_accumulation(
        'items', 'whole_sum >= least_n and 100 * part_sum > threshold * whole_sum',
        '100.0 * part_sum / whole_sum', ['occasion']) }}
)
{{ lights([
    'select ' ~ light_columns() | replace('occasion,', "'' as occasion,") ~ ' from objected',
    warning_repetition('events', ['cases_n'])]) }}
