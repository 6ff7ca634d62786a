-- L04, population: red lights by the third workday (R05) after they were raised (period date);
-- numerator: reviewed by a person by 24:00 of that day. Reading 17: reviewed before the deadline
-- counts at once, an open light enters when its deadline passes.
select
    lit.warning_id as row_key,
    due.cal_date as period_date,
    {{ unit_department_column('filed.agency_code') }},
    case when cast(lit.review_time as date) <= due.cal_date then 1 else 0 end as is_numerator,
    case when due.cal_date < {{ as_of_date() }} or cast(lit.review_time as date) <= due.cal_date
        then 1 else 0 end as is_denominator,
    case when lit.review_time is null then 1 else 0 end as is_open,
    lit.case_id, lit.rule_id, lit.warn_time, lit.review_time,
    lit._delivery_id, lit._source_row
from {{ ref('fct_transfer_warning') }} as lit
inner join {{ ref('dim_date') }} as raised on raised.cal_date = cast(lit.warn_time as date)
inner join {{ ref('dim_date') }} as due
    on due.workday_no = raised.workday_no + 3 and due.is_workday
left join {{ ref('fct_enforcement_case') }} as filed on filed.case_id = lit.case_id
{{ unit_department_join('filed.agency_code') }}
where lit.light = 'R'
