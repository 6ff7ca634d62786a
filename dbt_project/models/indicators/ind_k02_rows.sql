-- K02, population: dangers by the day their rectification is due (period date); numerator: rectified
-- by 24:00 of that day. Reading 17: rectified before the deadline counts at once, an open one enters
-- when its deadline passes.
select
    found.danger_id as row_key,
    found.rectify_due as period_date,
    {{ unit_department_column('found.org_code') }},
    {{ unit_town_columns() }},
    case when found.rectify_date <= found.rectify_due then 1 else 0 end as is_numerator,
    case when found.rectify_due < {{ as_of_date() }} or found.rectify_date <= found.rectify_due
        then 1 else 0 end as is_denominator,
    case when found.rectify_date is null then 1 else 0 end as is_open,
    found.find_time, found.danger_level, found.rectify_due, found.rectify_date,
    found._delivery_id, found._source_row
from (
    select
        danger_id, find_time, danger_level, rectify_due, org_code, town_code, _delivery_id, _source_row,
        case when rectify_date <= {{ as_of_date() }} then rectify_date end as rectify_date
    from {{ ref('stg_p37_hidden_danger') }}
    where find_time <= {{ as_of() }}
) as found
{{ unit_department_join('found.org_code') }}
{{ unit_town_joins('found.town_code') }}
