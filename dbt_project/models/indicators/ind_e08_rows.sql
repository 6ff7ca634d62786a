-- E08, population: transfers of title after an auction (group C; matters 0302, 0303, 0306, 0307) that
-- were finished (period date = day of the finish). value: elapsed days as a fraction (reading 16).
select
    matter.matter_id as row_key,
    cast(matter.finish_time as date) as period_date,
    matter.court_code as unit_court,
    {{ unit_region_column('matter.region_code') }},
    {{ elapsed_days('matter.submit_time', 'matter.finish_time') }} as value,
    0 as is_numerator, 1 as is_denominator, 0 as is_open,
    matter.submit_time, matter.finish_time, matter.matter_code,
    matter._delivery_id, matter._source_row
from {{ ref('fct_coop_matter') }} as matter
{{ unit_region_join('matter.region_code') }}
where matter.matter_group = 'C' and matter.matter_code in ('0302', '0303', '0306', '0307')
    and matter.finish_time is not null
