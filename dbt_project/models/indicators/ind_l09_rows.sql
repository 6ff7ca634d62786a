-- L09, population: cases by their deadline, 90 days after filing and the days legally suspended
-- (period date); handed to the police by then: outside. numerator: decided or closed, whichever is
-- first, by 24:00 of that day. Reading 17: done before the deadline counts at once, an open case
-- enters when its deadline passes.
select
    filed.case_id as row_key,
    filed.deadline as period_date,
    {{ unit_department_column('filed.agency_code') }},
    coalesce(town.unit_town, 'unassigned') as unit_town,
    {{ unit_region_column('filed.region_code') }},
    case when filed.done_date <= filed.deadline then 1 else 0 end as is_numerator,
    case when filed.deadline < {{ as_of_date() }} or filed.done_date <= filed.deadline
        then 1 else 0 end as is_denominator,
    case when filed.done_date is null then 1 else 0 end as is_open,
    filed.file_date, filed.suspend_days, filed.decide_date, filed.close_date,
    filed._delivery_id, filed._source_row
from (
    select
        case_id, agency_code, town_code, region_code, file_date, suspend_days, decide_date, close_date,
        transfer_date, _delivery_id, _source_row,
        {{ add_days('file_date', '(90 + suspend_days)') }} as deadline,
        least(coalesce(decide_date, close_date), coalesce(close_date, decide_date)) as done_date
    from {{ ref('fct_enforcement_case') }}
) as filed
left join {{ ref('int_town_unit') }} as town on town.town_code = filed.town_code
{{ unit_department_join('filed.agency_code') }}
{{ unit_region_join('filed.region_code') }}
where filed.transfer_date is null or filed.transfer_date > filed.deadline
