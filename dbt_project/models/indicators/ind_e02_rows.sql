-- E02, population: enforcement cases (kinds 1-3) closed (period date = day of closing) with an amount
-- applied for. The value is money over money: numerator_amount is what was recovered, no more than
-- was applied for, denominator_amount what was applied for.
select
    filed.case_no as row_key,
    filed.close_date as period_date,
    filed.court_code as unit_court,
    {{ unit_region_column('filed.region_code') }},
    case when filed.actual_amount > 0 then 1 else 0 end as is_numerator,
    1 as is_denominator,
    0 as is_open,
    least(coalesce(filed.actual_amount, 0), filed.subject_amount) as numerator_amount,
    filed.subject_amount as denominator_amount,
    filed.case_kind, filed.subject_amount, filed.actual_amount,
    filed._delivery_id, filed._source_row
from {{ ref('fct_court_case') }} as filed
{{ unit_region_join('filed.region_code') }}
where filed.case_kind in ('1', '2', '3') and filed.close_date is not null and filed.subject_amount > 0
