-- L01: every case pooled, one row per case (period date = day of filing).
select
    filed.case_id as row_key,
    filed.file_date as period_date,
    {{ unit_department_column('filed.agency_code') }},
    filed.case_domain as unit_enforcement_domain,
    {{ unit_region_column('filed.region_code') }},
    1 as is_numerator, 1 as is_denominator, 0 as is_open,
    filed.light, filed._delivery_id, filed._source_row
from {{ ref('fct_enforcement_case') }} as filed
{{ unit_department_join('filed.agency_code') }}
{{ unit_region_join('filed.region_code') }}
