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
-- A row is the latest from its day until the patient's next one (the two are the key): no reading looks
-- at all that came before it.
standing as (
    select
        *,
        lead(visit_date) over (partition by patient_token order by visit_date) as next_visit_date
    from {{ ref('stg_f12_smd_patient_care') }}
)
select
    reading.read_day, extract(month from reading.read_day) in (3, 6, 9, 12) as ends_a_quarter,
    visit.patient_token, visit.district_code, visit.reg_status, visit.is_schizophrenia, visit.treated,
    visit.guardian_subsidy, visit.subsidy_eligible, visit.subsidy_due_date, visit._delivery_id,
    visit._source_row
from reading
inner join standing as visit
    on visit.visit_date <= reading.read_day
    and (visit.next_visit_date is null or visit.next_visit_date > reading.read_day)
