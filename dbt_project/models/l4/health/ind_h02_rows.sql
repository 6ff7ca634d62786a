-- H02, population: patients on the register (latest row by the quarter's end; status 1, 2 or 3), one
-- row per patient and past quarter end. numerator: in care (1), next visit not overdue, and four rows
-- in the last 365 days or on the register for less. A quarter whose 365 days reach back before the
-- feed began has no reading: its visits would be too few.
with began as (
    select min(visit_date) as first_day from {{ ref('stg_f12_smd_patient_care') }}
),
reading as (
    select spine.cal_day as read_day
    from began
    cross join ({{ day_spine("date '2015-01-01'", add_days(as_of_date(), -1)) }}) as spine
    where spine.cal_day = last_day(spine.cal_day)
      and extract(month from spine.cal_day) in (3, 6, 9, 12)
      and spine.cal_day >= {{ add_days('began.first_day', 364) }}
),
-- A row is the latest from its day until the patient's next one (the two are the key).
standing as (
    select
        *,
        lead(visit_date) over (partition by patient_token order by visit_date) as next_visit_date
    from {{ ref('stg_f12_smd_patient_care') }}
),
recent as (
    select reading.read_day, visit.patient_token, count(*) as visits_n
    from reading
    inner join {{ ref('stg_f12_smd_patient_care') }} as visit
        on visit.visit_date <= reading.read_day
        and visit.visit_date > {{ add_days('reading.read_day', -365) }}
    group by reading.read_day, visit.patient_token
),
known as (
    select
        reading.read_day, visit.patient_token, visit.district_code, visit.reg_status, visit.next_due,
        visit.register_date, coalesce(recent.visits_n, 0) as visits_n,
        visit._delivery_id, visit._source_row
    from reading
    inner join standing as visit
        on visit.visit_date <= reading.read_day
        and (visit.next_visit_date is null or visit.next_visit_date > reading.read_day)
    left join recent
        on recent.read_day = reading.read_day and recent.patient_token = visit.patient_token
)
select
    known.patient_token as row_key,
    known.read_day as period_date,
    {{ unit_region_column('known.district_code') }},
    case when known.reg_status = '1' and known.next_due >= known.read_day
        and (known.visits_n >= 4 or known.register_date > {{ add_days('known.read_day', -365) }})
        then 1 else 0 end as is_numerator,
    1 as is_denominator,
    0 as is_open,
    known.visits_n, known.next_due, known._delivery_id, known._source_row
from known
{{ unit_region_join('known.district_code') }}
where known.reg_status in ('1', '2', '3')
