-- Generated from the contracts by `fengqiao generate`; do not edit.
select
    finding_id,
    found_date,
    source,
    issue_type,
    severity,
    officer_token,
    unit_code,
    rectify_due,
    rectify_date,
    appeal,
    result,
    region_code,
    _delivery_id,
    _source_row,
    {{ to_local('_valid_from') }} as _valid_from,
    _period_end,
    _occurrence,
    _warnings,
    _month
from {{ source('lake', 'f22_police_law_supervision') }}
