-- Generated from the contracts by `fengqiao generate`; do not edit.
select
    record_code,
    release_kind,
    period_start,
    period_end,
    release_version,
    first_org_code,
    second_org_code,
    {{ to_local('released_time') }} as released_time,
    _delivery_id,
    _source_row,
    {{ to_local('_valid_from') }} as _valid_from,
    _period_end,
    _occurrence,
    _warnings,
    _month
from {{ source('lake', 'r08_release_record') }}
