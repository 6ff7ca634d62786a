-- Z06, population: fraud warnings with a result, as it stands now (period date = day of the warning);
-- numerator: false alarms (3). Without a result: outside.
select
    warned.warning_id as row_key,
    cast(warned.warn_time as date) as period_date,
    {{ unit_town_columns() }},
    case when warned.result = '3' then 1 else 0 end as is_numerator,
    1 as is_denominator,
    0 as is_open,
    warned.warn_time, warned.warn_level, warned.result,
    warned._delivery_id, warned._source_row
from {{ ref('fct_fraud_warning') }} as warned
{{ unit_town_joins('warned.town_code') }}
where warned.result is not null and warned.warn_time <= {{ as_of() }}
