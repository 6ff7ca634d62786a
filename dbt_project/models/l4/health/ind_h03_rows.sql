-- H03, population: patients with schizophrenia on the register (status 1, 2 or 3) at a quarter's end
-- that is over (period date); numerator: treated.
select
    known.patient_token as row_key,
    known.read_day as period_date,
    {{ unit_region_column('known.district_code') }},
    case when known.treated then 1 else 0 end as is_numerator,
    1 as is_denominator,
    0 as is_open,
    known._delivery_id, known._source_row
from {{ ref('int_patient_reading') }} as known
{{ unit_region_join('known.district_code') }}
where known.ends_a_quarter and known.is_schizophrenia and known.reg_status in ('1', '2', '3')
