-- Generated from the contracts by `fengqiao generate`; do not edit.
select
    project_code,
    project_name,
    project_type,
    industry_code,
    total_investment,
    land_area,
    is_major,
    construct_nature,
    planned_start,
    planned_finish,
    project_status,
    region_code,
    town_code,
    {{ to_local('source_update_time') }} as source_update_time,
    _delivery_id,
    _source_row,
    {{ to_local('_valid_from') }} as _valid_from,
    _period_end,
    _occurrence,
    _warnings,
    _month
from {{ source('lake', 'p01_major_investment_project') }}
