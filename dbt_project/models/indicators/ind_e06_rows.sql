-- E06, population: matters asked of a unit (period date = day of the asking); numerator: handled
-- online from end to end.
select
    matter.matter_id as row_key,
    cast(matter.submit_time as date) as period_date,
    {{ unit_region_column('matter.region_code') }},
    case when matter.online then 1 else 0 end as is_numerator,
    1 as is_denominator,
    0 as is_open,
    matter.submit_time, matter.matter_code,
    matter._delivery_id, matter._source_row
from {{ ref('fct_coop_matter') }} as matter
{{ unit_region_join('matter.region_code') }}
