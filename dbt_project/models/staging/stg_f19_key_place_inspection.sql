-- Generated from the contracts by `fengqiao generate`; do not edit.
select
    inspect_id,
    place_id,
    place_type,
    grid_code,
    {{ to_local('inspect_time') }} as inspect_time,
    plan_month,
    inspector_token,
    has_owner_phone,
    danger_n,
    major_danger_n,
    rectify_due,
    rectify_date,
    town_code,
    _delivery_id,
    _source_row,
    {{ to_local('_valid_from') }} as _valid_from,
    _period_end,
    _occurrence,
    _warnings,
    _month
from {{ source('lake', 'f19_key_place_inspection') }}
