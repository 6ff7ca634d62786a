-- Generated from the contracts by `fengqiao generate`; do not edit.
select
    inspect_id,
    {{ to_local('inspect_time') }} as inspect_time,
    agency_n,
    is_joint,
    uscc,
    item_n,
    found_issue,
    handle_way,
    first_exempt,
    rectified,
    public_date,
    org_code,
    town_code,
    _delivery_id,
    _source_row,
    {{ to_local('_valid_from') }} as _valid_from,
    _period_end,
    _occurrence,
    _warnings,
    _month
from {{ source('lake', 'f11_law_enforcement_inspection') }}
