-- One row per major decision (P06) with the first filing of a risk report on it (P07), known at as_of.
-- Rebuilt whole: a report may come for a decision of any month, and there are a few hundred a year.
with filed as (
    select decision_id, min(filed_date) as first_filed_date, count(*) as filed_n
    from {{ ref('stg_p07_risk_assessment_report') }}
    where filed_date <= {{ as_of_date() }}
    group by decision_id
)
select
    decision.decision_id, decision.decision_type, decision.project_code, decision.lead_org_code,
    decision.must_assess, decision.start_date,
    case when decision.decide_date <= {{ as_of_date() }} then decision.decide_date end as decide_date,
    decision.decision_status, decision.region_code,
    filed.first_filed_date, coalesce(filed.filed_n, 0) as filed_n,
    decision._delivery_id, decision._source_row, decision._valid_from, decision._month
from {{ ref('stg_p06_major_decision_catalog') }} as decision
left join filed on filed.decision_id = decision.decision_id
