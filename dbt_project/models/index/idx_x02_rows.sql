-- X02 环境投诉按期办结率, population: complaints by their due time (period date = due day); numerator:
-- finished by then. Reading 17: done before the deadline counts at once, an open one enters when its
-- deadline passes.
select
    filed.complaint_id as row_key,
    cast(filed.due_time as date) as period_date,
    coalesce(town.unit_town, 'unassigned') as unit_town,
    case when filed.finish_time <= filed.due_time then 1 else 0 end as is_numerator,
    case when filed.due_time <= {{ as_of() }} or filed.finish_time <= filed.due_time
        then 1 else 0 end as is_denominator,
    case when filed.finish_time is null then 1 else 0 end as is_open,
    filed.complaint_time, filed.due_time, filed.finish_time,
    filed._delivery_id, filed._source_row
from (
    select
        complaint_id, complaint_time, due_time, town_code, _delivery_id, _source_row,
        case when finish_time <= {{ as_of() }} then finish_time end as finish_time
    from {{ ref('stg_p23_environment_complaint') }}
    where complaint_time <= {{ as_of() }} and due_time is not null
) as filed
left join {{ ref('int_town_unit') }} as town on town.town_code = filed.town_code
