-- Generated from the contracts by `fengqiao generate`; do not edit.
select
    danger_id,
    {{ to_local('find_time') }} as find_time,
    danger_type,
    danger_level,
    place_id,
    rectify_due,
    rectify_date,
    recheck_date,
    recheck_pass,
    org_code,
    town_code,
    _delivery_id,
    _source_row,
    {{ to_local('_valid_from') }} as _valid_from,
    _period_end,
    _occurrence,
    _warnings,
    _month
from {{ source('lake', 'p37_hidden_danger') }}
