-- Generated from the contracts by `fengqiao generate`; do not edit.
select
    call_id,
    {{ to_local('call_time') }} as call_time,
    {{ to_local('accept_time') }} as accept_time,
    {{ to_local('dispatch_time') }} as dispatch_time,
    {{ to_local('arrive_time') }} as arrive_time,
    {{ to_local('finish_time') }} as finish_time,
    call_type,
    is_valid,
    is_police_matter,
    has_caller_phone,
    station_code,
    town_code,
    dispute_code,
    _delivery_id,
    _source_row,
    {{ to_local('_valid_from') }} as _valid_from,
    _period_end,
    _occurrence,
    _warnings,
    _month
from {{ source('lake', 'f01_police_call_110') }}
