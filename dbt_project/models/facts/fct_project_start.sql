-- One row per project that is being built: the day its building began (P04, milestone 06), else the
-- day its status 30 was told (P01), because a status has no time of its own.
with begun as (
    select project_code, min(actual_date) as actual_date
    from {{ ref('stg_p04_project_milestone') }}
    where milestone_code = '06' and actual_date <= {{ as_of_date() }}
    group by project_code
),
told as (
    select project_code, min(cast(source_update_time as date)) as told_date
    from {{ ref('stg_p01_major_investment_project') }}
    where project_status = '30' and source_update_time <= {{ as_of() }}
    group by project_code
)
select
    coalesce(begun.project_code, told.project_code) as project_code,
    coalesce(begun.actual_date, told.told_date) as start_date,
    begun.project_code is not null as is_dated
from begun
full outer join told on told.project_code = begun.project_code
