-- U03, population: cases by the day they were handled (period date); numerator: sent back to be done
-- again at least once. Reading 2: rework has no date of its own and is read as the current row.
select
    handled.event_no as row_key,
    cast(handled.handle_time as date) as period_date,
    {{ unit_department_column('handled.org_code') }},
    {{ unit_town_columns() }},
    case when handled.rework_n >= 1 then 1 else 0 end as is_numerator,
    1 as is_denominator,
    0 as is_open,
    handled.handle_time, handled.rework_n, handled.event_class,
    handled._delivery_id, handled._source_row
from {{ ref('fct_city_mgmt_event') }} as handled
{{ unit_department_join('handled.org_code') }}
{{ unit_town_joins('handled.town_code') }}
where handled.handle_time <= {{ as_of() }}
