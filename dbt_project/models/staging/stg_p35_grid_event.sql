-- Generated from the contracts by `fengqiao generate`; do not edit.
select
    event_id,
    {{ to_local('report_time') }} as report_time,
    grid_code,
    event_type,
    event_level,
    project_code,
    {{ to_local('due_time') }} as due_time,
    {{ to_local('dispatch_time') }} as dispatch_time,
    {{ to_local('finish_time') }} as finish_time,
    close_tier,
    town_code,
    {{ to_local('source_update_time') }} as source_update_time,
    _delivery_id,
    _source_row,
    {{ to_local('_valid_from') }} as _valid_from,
    _period_end,
    _occurrence,
    _warnings,
    _month
from {{ source('lake', 'p35_grid_event') }}
