{{ config(materialized='table') }}
-- One row per patient: the latest row by as_of, and the risk level of the row before it. Inside the
-- zone only. Who died or moved away is nobody's care any more (reg_status 4, 5).
with known as (
    select
        *,
        row_number() over (partition by patient_token order by visit_date desc) as recency,
        lag(risk_level) over (partition by patient_token order by visit_date) as previous_risk_level
    from {{ ref('stg_f12_smd_patient_care') }}
    where visit_date <= {{ as_of_date() }}
)
select
    patient_token, visit_date, district_code, reg_status, stability, risk_level, previous_risk_level,
    assess_role, medication, in_hospital, has_guardian, subsidy_eligible, guardian_subsidy,
    subsidy_due_date, next_due,
    {{ days_between('next_due', as_of()) }} as overdue_days,
    reg_status = '1' and not in_hospital as is_visited,
    _delivery_id, _source_row
from known
where recency = 1 and reg_status not in ('4', '5')
