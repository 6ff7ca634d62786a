-- Generated from the contracts by `fengqiao generate`; do not edit.
select
    place_id,
    stat_date,
    place_type,
    scan_n,
    service_n,
    help_n,
    help_responded_n,
    code_enabled,
    town_code,
    _delivery_id,
    _source_row,
    {{ to_local('_valid_from') }} as _valid_from,
    _period_end,
    _occurrence,
    _warnings,
    _month
from {{ source('lake', 'f18_anxin_place_daily') }}
