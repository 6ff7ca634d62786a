-- K01, population: places planned for a month, each once (reading 26; period date = the month's first
-- day); numerator: inspected within that month. Reading 17: an inspected place counts at once, an
-- open one enters when the month is over. The town is that of the place's newest task.
with task as (
    select
        place_id, inspect_id, town_code, place_type, inspect_time,
        {{ day_of_month_text('plan_month') }} as month_start, _delivery_id, _source_row
    from {{ ref('stg_f19_key_place_inspection') }}
),
planned as (
    select
        place_id, month_start,
        max_by(town_code, inspect_id) as town_code,
        max_by(place_type, inspect_id) as place_type,
        min(case when inspect_time >= {{ midnight('month_start') }}
            and inspect_time < {{ midnight(add_days('last_day(month_start)', 1)) }}
            and inspect_time <= {{ as_of() }} then inspect_time end) as inspect_time,
        cast(count(*) as bigint) as tasks_n,
        max_by(_delivery_id, inspect_id) as _delivery_id,
        max_by(_source_row, inspect_id) as _source_row
    from task
    group by place_id, month_start
)
select
    planned.place_id || ' ' || {{ year_month('planned.month_start') }} as row_key,
    planned.month_start as period_date,
    {{ unit_town_columns() }},
    case when planned.inspect_time is not null then 1 else 0 end as is_numerator,
    case when planned.inspect_time is not null or last_day(planned.month_start) < {{ as_of_date() }}
        then 1 else 0 end as is_denominator,
    case when planned.inspect_time is null then 1 else 0 end as is_open,
    planned.place_type, planned.inspect_time, planned.tasks_n,
    planned._delivery_id, planned._source_row
from planned
{{ unit_town_joins('planned.town_code') }}
