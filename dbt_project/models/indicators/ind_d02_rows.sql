-- D02, population: accepted petitions of purpose 3 handled by path 6 (period date = the 60th day after
-- acceptance, later by the extension of at most 30 days); numerator: the answer (step 05) finished by
-- 24:00 of that day. Never accepted is outside (D01 counts it). Reading 17: closed before the deadline
-- counts at once, an open one enters when it passes.
select
    matter.petition_no as row_key,
    matter.close_due as period_date,
    {{ unit_department_column('matter.target_org_code') }},
    {{ unit_town_columns() }},
    case when cast(matter.closed_time as date) <= matter.close_due then 1 else 0 end as is_numerator,
    case when matter.close_due < {{ as_of_date() }} or cast(matter.closed_time as date) <= matter.close_due
        then 1 else 0 end as is_denominator,
    case when matter.closed_time is null then 1 else 0 end as is_open,
    case when matter.is_extended = 1 and (matter.close_due < {{ as_of_date() }}
        or cast(matter.closed_time as date) <= matter.close_due) then 1 else 0 end as is_extended,
    matter.accepted_time, matter.extend_days, matter.close_due, matter.closed_time,
    matter._delivery_id, matter._source_row
from (
    select
        petition_no, target_org_code, town_code, accepted_time, closed_time, extend_days, is_extended,
        {{ add_days('cast(accepted_time as date)', '(60 + extend_days)') }} as close_due,
        _delivery_id, _source_row
    from {{ ref('fct_petition') }}
    where purpose = '3' and handle_path = '6' and accepted_time is not null
) as matter
{{ unit_town_joins('matter.town_code') }}
{{ unit_department_join('matter.target_org_code') }}
