-- L06, population: reports to transfer a case; numerator: decided by 24:00 of the third day after the
-- report and, unless declined (2), handed over within 24 hours of the approval. What was approved in
-- time belongs to the period of its approval and is outside while the 24 hours run (reading 7); every
-- other report belongs to that third day and enters when it has passed, if declined at once. A case
-- may bear several lights, each with the same course: its report counts once, by the red one.
select
    told.warning_id as row_key,
    case when told.is_approved then cast(told.approve_time as date) else told.deadline end as period_date,
    {{ unit_department_column('filed.agency_code') }},
    case when told.is_declined or (told.is_approved and told.transfer_time <= told.hand_over_by)
        then 1 else 0 end as is_numerator,
    case
        when told.is_declined then 1
        when told.is_approved and told.transfer_time is not null then 1
        when told.is_approved and told.hand_over_by > {{ as_of() }} then 0
        when told.is_approved or told.deadline < {{ as_of_date() }} then 1
        else 0
    end as is_denominator,
    case when told.approve_time is null or (told.is_approved and told.transfer_time is null)
        then 1 else 0 end as is_open,
    told.case_id, told.report_date, told.approve_time, told.approve_result, told.transfer_time,
    told._delivery_id, told._source_row
from (
    select
        warning_id, case_id, report_date, approve_time, approve_result, transfer_time,
        _delivery_id, _source_row,
        {{ add_days('report_date', 3) }} as deadline,
        {{ add_minutes('approve_time', 1440) }} as hand_over_by,
        coalesce(cast(approve_time as date) <= {{ add_days('report_date', 3) }}
            and coalesce(approve_result, '1') <> '2', false) as is_approved,
        coalesce(cast(approve_time as date) <= {{ add_days('report_date', 3) }}
            and approve_result = '2', false) as is_declined,
        row_number() over (
            partition by case_id, report_date, approve_time, approve_result, transfer_time
            order by light, warn_time, warning_id) as recurrence
    from {{ ref('fct_transfer_warning') }}
    where report_date <= {{ as_of_date() }}
) as told
left join {{ ref('fct_enforcement_case') }} as filed on filed.case_id = told.case_id
{{ unit_department_join('filed.agency_code') }}
where told.recurrence = 1
