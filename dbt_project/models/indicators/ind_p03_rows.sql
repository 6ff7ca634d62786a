-- P03, population: valid 110 calls (period date = day of the call); numerator: no police matter.
select
    call.call_id as row_key,
    cast(call.call_time as date) as period_date,
    {{ unit_town_columns() }},
    case when call.is_police_matter then 0 else 1 end as is_numerator,
    1 as is_denominator,
    0 as is_open,
    call.call_time, call.call_type,
    call._delivery_id, call._source_row
from {{ ref('fct_police_call_110') }} as call
{{ unit_town_joins('call.town_code') }}
where call.is_valid and call.call_time <= {{ as_of() }}
