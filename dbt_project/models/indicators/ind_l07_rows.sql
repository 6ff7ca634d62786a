-- L07, population: transfers accepted by the police, by the third day after (period date); numerator:
-- decided by 24:00 of that day. Reading 17: decided before the deadline counts at once, an open one
-- enters when its deadline passes. A case may bear several lights, each with the same course: its
-- transfer counts once, by the red one.
select
    taken.warning_id as row_key,
    taken.deadline as period_date,
    {{ unit_region_column('filed.region_code') }},
    case when taken.police_decide_date <= taken.deadline then 1 else 0 end as is_numerator,
    case when taken.deadline < {{ as_of_date() }} or taken.police_decide_date <= taken.deadline
        then 1 else 0 end as is_denominator,
    case when taken.police_decide_date is null then 1 else 0 end as is_open,
    taken.case_id, taken.police_accept_time, taken.police_decide_date, taken.police_result,
    taken._delivery_id, taken._source_row
from (
    select
        warning_id, case_id, police_accept_time, police_result, _delivery_id, _source_row,
        {{ add_days('cast(police_accept_time as date)', 3) }} as deadline,
        -- What had not happened by as_of is not known.
        case when police_decide_date <= {{ as_of_date() }} then police_decide_date end as police_decide_date,
        row_number() over (
            partition by case_id, police_accept_time, police_decide_date, police_result
            order by light, warn_time, warning_id) as recurrence
    from {{ ref('fct_transfer_warning') }}
    where police_accept_time <= {{ as_of() }}
) as taken
left join {{ ref('fct_enforcement_case') }} as filed on filed.case_id = taken.case_id
{{ unit_region_join('filed.region_code') }}
where taken.recurrence = 1
