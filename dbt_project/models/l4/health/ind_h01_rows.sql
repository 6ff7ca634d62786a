-- H01: patients on the register (status 1, 2 or 3) at the end of each month that is over (period
-- date). Residents are not rows: l4_health_counts sets them below these.
select
    known.patient_token as row_key,
    known.read_day as period_date,
    {{ unit_region_column('known.district_code') }},
    1 as is_numerator,
    1 as is_denominator,
    0 as is_open,
    known._delivery_id, known._source_row
from {{ ref('int_patient_reading') }} as known
{{ unit_region_join('known.district_code') }}
where known.reg_status in ('1', '2', '3')
