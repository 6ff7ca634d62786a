-- DM-Y1, yellow: a dispute is open after 30 days without the parties' agreement to go on (clock), or
-- after two failed sessions (repetition); or an agreement was not performed 15 days after its term
-- (clock). Open is what no event ever settled, led to court or turned into a crime.
with timers as (
    select
        {{ rule_columns() }}, dispute.dispute_code as entity_code, dispute.town_code,
        dispute.register_time as started_at, {{ day_deadline('dispute.register_time', 'rule.limit_days') }},
        dispute.first_closed_time as stopped_at, dispute._delivery_id, dispute._source_row
    from {{ ref('fct_dispute') }} as dispute
    {{ rule_in_force('DM-Y1', 'cast(dispute.register_time as date)', 'a') }}
    where not dispute.extend_agreed
    union all
    select
        {{ rule_columns() }}, session.dispute_code, session.town_code,
        {{ midnight('session.perform_due') }}, {{ day_deadline('session.perform_due', 'rule.limit_days') }},
        cast(null as {{ local_type() }}), session._delivery_id, session._source_row
    from {{ ref('fct_mediation') }} as session
    {{ rule_in_force('DM-Y1', 'session.perform_due', 'c') }}
    where session.performed in ('2', '3')
),
failed as (
    select
        {{ rule_columns() }}, session.dispute_code as entity_code, session.dispute_code as group_code,
        dispute.town_code, cast(session.failed_at as date) as event_day, date '1970-01-01' as window_from,
        session.failed_at as event_at, session.failed_at as raised_at,
        1 as weight, rule.least_cases as threshold, rule.least_cases as least_n, '次' as measure_zh,
        session._delivery_id, session._source_row
    from (
        select *, coalesce(end_time, begin_time) as failed_at from {{ ref('fct_mediation') }} where result = '2'
    ) as session
    inner join {{ ref('fct_dispute') }} as dispute on dispute.dispute_code = session.dispute_code
    {{ rule_in_force('DM-Y1', 'cast(session.failed_at as date)', 'b') }}
    where dispute.first_closed_time is null or dispute.first_closed_time > session.failed_at
),
ends as (
    select dispute_code as group_code, first_closed_time as ended_at from {{ ref('fct_dispute') }}
)
{{ lights([
    warning_clock('timers', ['town_code']),
    warning_repetition('failed', ['town_code', 'cases_n'], ends='ends')]) }}
