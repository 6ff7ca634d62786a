-- Generated from the contracts by `fengqiao generate`; do not edit.
select
    step_id,
    petition_no,
    step_code,
    step_org_code,
    {{ to_local('start_time') }} as start_time,
    {{ to_local('due_time') }} as due_time,
    {{ to_local('end_time') }} as end_time,
    extended,
    extend_days,
    region_code,
    {{ to_local('source_update_time') }} as source_update_time,
    _delivery_id,
    _source_row,
    {{ to_local('_valid_from') }} as _valid_from,
    _period_end,
    _occurrence,
    _warnings,
    _month
from {{ source('lake', 'p27_petition_processing') }}
