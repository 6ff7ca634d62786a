-- Generated from the contracts by `fengqiao generate`; do not edit.
select
    matter_id,
    case_no,
    matter_code,
    matter_group,
    coop_org_code,
    {{ to_local('submit_time') }} as submit_time,
    {{ to_local('accept_time') }} as accept_time,
    {{ to_local('due_time') }} as due_time,
    {{ to_local('finish_time') }} as finish_time,
    result,
    online,
    court_code,
    region_code,
    _delivery_id,
    _source_row,
    {{ to_local('_valid_from') }} as _valid_from,
    _period_end,
    _occurrence,
    _warnings,
    _month
from {{ source('lake', 'f05_enforcement_coop_matter') }}
