-- Z05, population: warnings of the highest level (1) by the day they are due (period date); numerator:
-- met in person (way 3) no later. Reading 17: met before the deadline counts at once, any other warning
-- enters when its deadline passes.
select
    warned.warning_id as row_key,
    cast(warned.due_time as date) as period_date,
    {{ unit_town_columns() }},
    warned.is_met as is_numerator,
    case when warned.due_time <= {{ as_of() }} then 1 else warned.is_met end as is_denominator,
    case when warned.dissuade_time is null then 1 else 0 end as is_open,
    warned.warn_time, warned.due_time, warned.dissuade_way, warned.dissuade_time,
    warned._delivery_id, warned._source_row
from (
    select
        warning_id, warn_time, due_time, town_code, _delivery_id, _source_row,
        -- What had not happened by as_of is not known.
        case when dissuade_time <= {{ as_of() }} then dissuade_way end as dissuade_way,
        case when dissuade_time <= {{ as_of() }} then dissuade_time end as dissuade_time,
        case when dissuade_way = '3' and dissuade_time <= due_time and dissuade_time <= {{ as_of() }}
            then 1 else 0 end as is_met
    from {{ ref('fct_fraud_warning') }}
    where warn_level = '1' and warn_time <= {{ as_of() }}
) as warned
{{ unit_town_joins('warned.town_code') }}
