-- One row per registered dispute (P32) with the milestones of its events (F20) known at as_of.
-- Rebuilt whole: an event may touch a dispute of any month, and 45,000 rows cost 0.1 s.
with milestone as (
    select
        dispute_code,
        -- D09: settled and checked off (06 with close_check 1), or sent to court (07).
        min(case when (to_state = '06' and close_check = '1') or to_state = '07'
            then event_time end) as first_resolved_time,
        -- D12: the first 06, whatever its later check says.
        min(case when to_state = '06' then event_time end) as first_06_time,
        min(case when to_state = '02' then event_time end) as first_dispatched_time,
        min(case when to_state = '03' then event_time end) as first_mediating_time,
        min(case when to_state = '04' then event_time end) as first_agreed_time,
        min(case when to_state in ('06', '07', '09') then event_time end) as first_closed_time,
        max(event_time) as last_event_time,
        count(*) as events_n,
        cast(sum(case when to_state = '08' then 1 else 0 end) as bigint) as reopened_n
    from {{ ref('fct_dispute_event') }}
    where event_time <= {{ as_of() }}
    group by dispute_code
),
last_state as (
    select dispute_code, to_state, row_number() over (
        partition by dispute_code order by event_time desc, event_id desc) as recency
    from {{ ref('fct_dispute_event') }}
    where event_time <= {{ as_of() }}
),
resolving as (
    select dispute_code, event_id, _delivery_id, _source_row, row_number() over (
        partition by dispute_code order by event_time, event_id) as ordinal
    from {{ ref('fct_dispute_event') }}
    where event_time <= {{ as_of() }}
      and ((to_state = '06' and close_check = '1') or to_state = '07')
),
-- D09 leaves out what the parties withdrew: the result of the last mediation (P33), last by its
-- end or, while it runs, its beginning (reading 26).
mediation as (
    select dispute_code, result, row_number() over (
        partition by dispute_code
        order by coalesce(end_time, begin_time) desc, mediation_id desc) as recency
    from {{ ref('stg_p33_mediation_process') }}
    where coalesce(end_time, begin_time) <= {{ as_of() }}
)
select
    dispute.dispute_code, dispute.register_time, dispute.source_channel, dispute.dispute_type,
    dispute.project_code, dispute.party_n, dispute.amount, dispute.level, dispute.escalation_sign,
    dispute.escalation_time, dispute.joint_response_time, dispute.extend_agreed, dispute.town_code,
    dispute.source_update_time,
    milestone.first_resolved_time, milestone.first_06_time, milestone.first_dispatched_time,
    milestone.first_mediating_time, milestone.first_agreed_time, milestone.first_closed_time,
    milestone.last_event_time,
    coalesce(last_state.to_state, '01') as last_state,
    coalesce(milestone.events_n, 0) as events_n,
    coalesce(milestone.reopened_n, 0) as reopened_n,
    mediation.result as last_mediation_result,
    resolving.event_id as resolving_event_id,
    resolving._delivery_id as resolving_delivery_id,
    resolving._source_row as resolving_source_row,
    dispute._delivery_id, dispute._source_row, dispute._valid_from, dispute._month
from {{ ref('stg_p32_dispute_registration') }} as dispute
left join milestone on milestone.dispute_code = dispute.dispute_code
left join last_state on last_state.dispute_code = dispute.dispute_code and last_state.recency = 1
left join resolving on resolving.dispute_code = dispute.dispute_code and resolving.ordinal = 1
left join mediation on mediation.dispute_code = dispute.dispute_code and mediation.recency = 1
where dispute.register_time <= {{ as_of() }}
