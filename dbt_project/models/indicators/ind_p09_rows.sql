-- P09, population: orders, one row per order and unit (period date = day the feedback is due);
-- numerator: signed and answered, each in time. Reading 17: answered before the deadline counts at
-- once, an open order enters when its deadline passes.
select
    sent.order_id || ' ' || sent.unit_code as row_key,
    cast(sent.feedback_due as date) as period_date,
    sent.unit_code as unit_unit,
    {{ unit_department_column('sent.unit_code') }},
    {{ unit_region_column('sent.region_code') }},
    case when sent.sign_time <= sent.sign_due and sent.feedback_time <= sent.feedback_due
        then 1 else 0 end as is_numerator,
    case when sent.feedback_due <= {{ as_of() }} or sent.feedback_time <= sent.feedback_due
        then 1 else 0 end as is_denominator,
    case when sent.feedback_time is null then 1 else 0 end as is_open,
    sent.issue_time, sent.sign_due, sent.sign_time, sent.feedback_due, sent.feedback_time,
    sent._delivery_id, sent._source_row
from (
    select
        order_id, unit_code, region_code, issue_time, sign_due, feedback_due, _delivery_id, _source_row,
        -- What had not happened by as_of is not known.
        case when sign_time <= {{ as_of() }} then sign_time end as sign_time,
        case when feedback_time <= {{ as_of() }} then feedback_time end as feedback_time
    from {{ ref('fct_dispatch_order') }}
    where issue_time <= {{ as_of() }}
) as sent
{{ unit_department_join('sent.unit_code') }}
{{ unit_region_join('sent.region_code') }}
