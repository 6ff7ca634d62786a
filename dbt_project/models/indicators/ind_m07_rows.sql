-- M07, population: consultation rounds with at least one opinion (period date = the 15th day after the
-- last one); numerator: answered by 24:00 of that day (reading 4, for early and late rounds alike, so a
-- late answer repairs nothing and no value is provisional once its quarter is over). Reading 17:
-- answered before the deadline counts at once, an open round enters when it passes.
select
    held.consult_id as row_key,
    held.feedback_due as period_date,
    {{ unit_department_column('decision.lead_org_code') }},
    org.unit_town,
    {{ unit_region_column('held.region_code') }},
    case when held.feedback_date <= held.feedback_due then 1 else 0 end as is_numerator,
    case when held.feedback_due < {{ as_of_date() }} or held.feedback_date <= held.feedback_due
        then 1 else 0 end as is_denominator,
    case when held.feedback_date is null then 1 else 0 end as is_open,
    held.end_date, held.opinion_n, held.feedback_due, held.feedback_date,
    held._delivery_id, held._source_row
from (
    select
        consult_id, decision_id, region_code, end_date, opinion_n,
        {{ add_days('end_date', 15) }} as feedback_due,
        case when feedback_date <= {{ as_of_date() }} then feedback_date end as feedback_date,
        _delivery_id, _source_row
    from {{ ref('stg_p09_public_consultation') }}
    where opinion_n > 0 and end_date <= {{ as_of_date() }}
) as held
left join {{ ref('fct_decision') }} as decision on decision.decision_id = held.decision_id
{{ unit_department_join('decision.lead_org_code') }}
{{ unit_region_join('held.region_code') }}
