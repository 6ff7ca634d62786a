-- D04, population: petitions closed, with thirty days given to rate (period date = the 30th day after
-- closing, entered when it has passed); numerator: rated by 24:00 of that day, whoever was rated; a
-- rating may precede the closing.
select
    matter.petition_no as row_key,
    matter.rating_due as period_date,
    {{ unit_department_column('matter.target_org_code') }},
    {{ unit_town_columns() }},
    case when cast(matter.first_rated_time as date) <= matter.rating_due then 1 else 0 end as is_numerator,
    1 as is_denominator,
    0 as is_open,
    matter.closed_time, matter.rating_due, matter.first_rated_time,
    matter._delivery_id, matter._source_row
from (
    select
        petition_no, target_org_code, town_code, closed_time, first_rated_time,
        {{ add_days('cast(closed_time as date)', 30) }} as rating_due, _delivery_id, _source_row
    from {{ ref('fct_petition') }}
    where closed_time is not null
) as matter
{{ unit_town_joins('matter.town_code') }}
{{ unit_department_join('matter.target_org_code') }}
where matter.rating_due < {{ as_of_date() }}
