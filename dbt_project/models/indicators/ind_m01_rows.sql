-- M01, population: decisions that must be assessed (period date = day of the decision); numerator: a
-- risk report filed by the reading, the month's end or as_of. A report filed after the decision still
-- counts here; M02 catches it.
select
    decision.decision_id as row_key,
    decision.decide_date as period_date,
    {{ unit_department_column('decision.lead_org_code') }},
    org.unit_town,
    {{ unit_region_column('decision.region_code') }},
    case when decision.first_filed_date <= last_day(decision.decide_date) then 1 else 0 end as is_numerator,
    1 as is_denominator,
    case when decision.first_filed_date is null then 1 else 0 end as is_open,
    decision.decide_date, decision.first_filed_date, decision.decision_type,
    decision._delivery_id, decision._source_row
from {{ ref('fct_decision') }} as decision
{{ unit_department_join('decision.lead_org_code') }}
{{ unit_region_join('decision.region_code') }}
where decision.must_assess and decision.decide_date is not null
