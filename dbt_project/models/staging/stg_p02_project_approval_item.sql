-- Generated from the contracts by `fengqiao generate`; do not edit.
select
    item_id,
    project_code,
    item_code,
    item_name,
    {{ to_local('accept_time') }} as accept_time,
    promise_days,
    {{ to_local('finish_time') }} as finish_time,
    result,
    org_code,
    region_code,
    {{ to_local('source_update_time') }} as source_update_time,
    _delivery_id,
    _source_row,
    {{ to_local('_valid_from') }} as _valid_from,
    _period_end,
    _occurrence,
    _warnings,
    _month
from {{ source('lake', 'p02_project_approval_item') }}
