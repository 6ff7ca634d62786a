-- DM-Y2, yellow: a settled dispute came back within 90 days (threshold), or a matter of a family, of
-- neighbours or of debt has two calls within 30 days (repetition).
with ends as (
    select dispute_code as group_code, event_time as ended_at
    from {{ ref('fct_dispute_event') }}
    where to_state in ('06', '07', '09')
),
returned as (
    select
        again.dispute_code, again.event_time, again._delivery_id, again._source_row,
        max(case when other.to_state = '06' and other.event_time <= again.event_time then other.event_time end) as settled_time,
        min(case when other.to_state in ('06', '07', '09') and other.event_time > again.event_time then other.event_time end) as ended_at
    from {{ ref('fct_dispute_event') }} as again
    inner join {{ ref('fct_dispute_event') }} as other on other.dispute_code = again.dispute_code
    where again.to_state = '08'
    group by again.dispute_code, again.event_time, again._delivery_id, again._source_row
),
measures as (
    select
        {{ rule_columns() }}, returned.dispute_code as entity_code, dispute.town_code,
        {{ days_between('returned.settled_time', 'returned.event_time') }} as value_compared,
        rule.limit_days as threshold, '日' as measure_zh,
        returned.event_time as since_at, returned.ended_at as until_at,
        returned._delivery_id, returned._source_row
    from returned
    inner join {{ ref('fct_dispute') }} as dispute on dispute.dispute_code = returned.dispute_code
    {{ rule_in_force('DM-Y2', 'cast(returned.event_time as date)', 'a') }}
),
events as (
    select
        {{ rule_columns() }}, dispute.dispute_code as entity_code, dispute.dispute_code as group_code,
        dispute.town_code, cast(call.call_time as date) as event_day,
        {{ add_days('cast(call.call_time as date)', '(-1 * rule.window_days)') }} as window_from,
        call.call_time as event_at, call.call_time as raised_at,
        1 as weight, rule.least_cases as threshold, rule.least_cases as least_n, '起' as measure_zh,
        call._delivery_id, call._source_row
    from {{ ref('fct_matter_call') }} as call
    inner join {{ ref('fct_dispute') }} as dispute on dispute.dispute_code = call.dispute_code
    {{ rule_in_force('DM-Y2', 'cast(call.call_time as date)', 'b') }}
    where dispute.dispute_type in ('01', '02', '09')
)
{{ lights([
    warning_threshold('measures', 'value_compared <= threshold', ['town_code']),
    warning_repetition('events', ['town_code', 'cases_n'], ends='ends')]) }}
