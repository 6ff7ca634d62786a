{{ config(materialized='table') }}
-- One row per patient and reading (the ends of months that are over): the latest row by that day. A
-- month whose 365 days reach back before the feed began has no reading, as for H02: a patient not yet
-- visited would be missing.
with began as (
    select min(visit_date) as first_day from {{ ref('stg_f12_smd_patient_care') }}
),
reading as (
    select spine.cal_day as read_day
    from began
    cross join ({{ day_spine("date '2015-01-01'", add_days(as_of_date(), -1)) }}) as spine
    where spine.cal_day = last_day(spine.cal_day)
      and spine.cal_day >= {{ add_days('began.first_day', 364) }}
),
known as (
    select
        reading.read_day, visit.patient_token, visit.district_code, visit.reg_status,
        visit.is_schizophrenia, visit.treated, visit.guardian_subsidy, visit.subsidy_eligible,
        visit.subsidy_due_date, visit._delivery_id, visit._source_row,
        row_number() over (
            partition by reading.read_day, visit.patient_token order by visit.visit_date desc) as recency
    from reading
    inner join {{ ref('stg_f12_smd_patient_care') }} as visit on visit.visit_date <= reading.read_day
)
select
    read_day, extract(month from read_day) in (3, 6, 9, 12) as ends_a_quarter,
    patient_token, district_code, reg_status, is_schizophrenia, treated, guardian_subsidy,
    subsidy_eligible, subsidy_due_date, _delivery_id, _source_row
from known
where recency = 1
