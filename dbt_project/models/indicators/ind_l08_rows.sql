-- L08, population: transfers the police decided (1 filed, 2 not; 3 returned and 4 passed on are
-- outside; period date = day of the decision); numerator: filed as a criminal case. A case may bear
-- several lights, each with the same course: its transfer counts once, by the red one.
select
    decided.warning_id as row_key,
    decided.police_decide_date as period_date,
    {{ unit_department_column('filed.agency_code') }},
    case when decided.police_result = '1' then 1 else 0 end as is_numerator,
    1 as is_denominator,
    0 as is_open,
    decided.case_id, decided.police_accept_time, decided.police_decide_date, decided.police_result,
    decided._delivery_id, decided._source_row
from (
    select
        *,
        row_number() over (
            partition by case_id, police_accept_time, police_decide_date, police_result
            order by light, warn_time, warning_id) as recurrence
    from {{ ref('fct_transfer_warning') }}
    where police_result in ('1', '2') and police_decide_date <= {{ as_of_date() }}
) as decided
left join {{ ref('fct_enforcement_case') }} as filed on filed.case_id = decided.case_id
{{ unit_department_join('filed.agency_code') }}
where decided.recurrence = 1
