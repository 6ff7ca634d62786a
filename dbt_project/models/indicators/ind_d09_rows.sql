-- D09, population: disputes registered in the month (cohort; period date = register day), without
-- those whose last mediation (P33) the parties withdrew.
-- numerator: a closing event (06 checked off, or 07) no later than 24:00 of the 60th calendar day
-- after the month's end. A reopened dispute keeps its first closing: the formula asks whether one exists.
select
    dispute.dispute_code as row_key,
    cast(dispute.register_time as date) as period_date,
    {{ unit_town_columns() }},
    case when cast(dispute.first_resolved_time as date)
        <= {{ add_days('last_day(cast(dispute.register_time as date))', 60) }} then 1 else 0 end as is_numerator,
    1 as is_denominator,
    -- Passed to the police (09): neither resolved nor open any more.
    case when dispute.first_resolved_time is null and dispute.last_state <> '09'
        then 1 else 0 end as is_open,
    dispute.register_time, dispute.first_resolved_time, dispute.last_state, dispute.dispute_type,
    dispute.resolving_event_id, dispute.resolving_delivery_id, dispute.resolving_source_row,
    dispute._delivery_id, dispute._source_row
from {{ ref('fct_dispute') }} as dispute
{{ unit_town_joins('dispute.town_code') }}
where coalesce(dispute.last_mediation_result, '') <> '3'
