-- L03, population: every case pooled, once per window (period date = day of filing; a light belongs
-- to the period of its case); numerator: a yellow light and no red one by the reading. No row in F09: no light.
select
    lit.case_id as row_key,
    lit.window_kind,
    lit.file_date as period_date,
    lit.unit_department, lit.unit_enforcement_domain, lit.unit_district,
    case when lit.light = 'Y' then 1 else 0 end as is_numerator,
    1 as is_denominator,
    0 as is_open,
    lit.light, lit.first_red_time, lit.first_yellow_time, lit._delivery_id, lit._source_row
from {{ ref('int_case_light') }} as lit
