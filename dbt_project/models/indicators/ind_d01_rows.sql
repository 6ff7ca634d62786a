-- D01, population: petitions of purposes 1 and 3 (period date = the 15th day after registration);
-- numerator: the notice (step 03) finished by 24:00 of that day. Reading 17: noticed before the
-- deadline counts at once, an open one enters when it passes.
select
    matter.petition_no as row_key,
    matter.notice_due as period_date,
    {{ unit_department_column('matter.notice_org_code') }},
    {{ unit_town_columns() }},
    case when cast(matter.accepted_time as date) <= matter.notice_due then 1 else 0 end as is_numerator,
    case when matter.notice_due < {{ as_of_date() }} or cast(matter.accepted_time as date) <= matter.notice_due
        then 1 else 0 end as is_denominator,
    case when matter.accepted_time is null then 1 else 0 end as is_open,
    matter.register_time, matter.notice_due, matter.accepted_time, matter.purpose,
    matter._delivery_id, matter._source_row
from (
    select
        petition_no, register_time, purpose, notice_org_code, accepted_time, town_code,
        {{ add_days('cast(register_time as date)', 15) }} as notice_due, _delivery_id, _source_row
    from {{ ref('fct_petition') }}
    where purpose in ('1', '3')
) as matter
{{ unit_town_joins('matter.town_code') }}
{{ unit_department_join('matter.notice_org_code') }}
