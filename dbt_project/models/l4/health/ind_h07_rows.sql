-- H07, population: patients in care (status 1) at a quarter's end that is over (period date), eligible
-- for a guardian's subsidy that is due by then; numerator: paid.
select
    known.patient_token as row_key,
    known.read_day as period_date,
    {{ unit_region_column('known.district_code') }},
    case when known.guardian_subsidy then 1 else 0 end as is_numerator,
    1 as is_denominator,
    0 as is_open,
    known._delivery_id, known._source_row
from {{ ref('int_patient_reading') }} as known
{{ unit_region_join('known.district_code') }}
where known.ends_a_quarter and known.subsidy_eligible and known.reg_status = '1'
  and known.subsidy_due_date <= known.read_day
