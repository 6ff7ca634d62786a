-- D05, population: first petitions closed, with ninety days of follow-up (period date = the 90th day
-- after closing, entered when it has passed); numerator: no later petition linked to it by 24:00 of
-- that day. Measured on matters, never on persons.
select
    matter.petition_no as row_key,
    matter.follow_up_end as period_date,
    {{ unit_department_column('matter.target_org_code') }},
    {{ unit_town_columns() }},
    case when cast(matter.next_register_time as date) <= matter.follow_up_end then 0 else 1 end as is_numerator,
    1 as is_denominator,
    0 as is_open,
    matter.closed_time, matter.follow_up_end, matter.next_register_time,
    matter._delivery_id, matter._source_row
from (
    select
        petition_no, target_org_code, town_code, closed_time, next_register_time,
        {{ add_days('cast(closed_time as date)', 90) }} as follow_up_end, _delivery_id, _source_row
    from {{ ref('fct_petition') }}
    where is_first and closed_time is not null
) as matter
{{ unit_town_joins('matter.town_code') }}
{{ unit_department_join('matter.target_org_code') }}
where matter.follow_up_end < {{ as_of_date() }}
