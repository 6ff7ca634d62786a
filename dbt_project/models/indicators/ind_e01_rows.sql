-- E01, population: first-time enforcement cases (kind 1) closed (period date = day of closing);
-- numerator: fully enforced (01). Closed without a stated way: not fully enforced.
select
    filed.case_no as row_key,
    filed.close_date as period_date,
    filed.court_code as unit_court,
    {{ unit_region_column('filed.region_code') }},
    case when filed.close_way = '01' then 1 else 0 end as is_numerator,
    1 as is_denominator,
    0 as is_open,
    filed.file_date, filed.close_date, filed.close_way,
    filed._delivery_id, filed._source_row
from {{ ref('fct_court_case') }} as filed
{{ unit_region_join('filed.region_code') }}
where filed.case_kind = '1' and filed.close_date is not null
