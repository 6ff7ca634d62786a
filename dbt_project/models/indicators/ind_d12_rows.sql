-- D12, population: disputes whose first 06 event falls in the month (period date = its day).
-- value: elapsed days as a fraction (reading 16) from registration to that event.
select
    dispute.dispute_code as row_key,
    cast(dispute.first_06_time as date) as period_date,
    {{ unit_town_columns() }},
    {{ elapsed_days('dispute.register_time', 'dispute.first_06_time') }} as value,
    0 as is_numerator, 1 as is_denominator, 0 as is_open,
    dispute.register_time, dispute.first_06_time, dispute.dispute_type,
    dispute._delivery_id, dispute._source_row
from {{ ref('fct_dispute') }} as dispute
{{ unit_town_joins('dispute.town_code') }}
where dispute.first_06_time is not null
