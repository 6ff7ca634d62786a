-- Generated from the contracts by `fengqiao generate`; do not edit.
select
    stat_date,
    town_code,
    call_type,
    call_n,
    valid_n,
    non_police_n,
    repeat_n,
    median_arrive_min,
    {{ to_local('source_update_time') }} as source_update_time,
    _delivery_id,
    _source_row,
    {{ to_local('_valid_from') }} as _valid_from,
    _period_end,
    _occurrence,
    _warnings,
    _month
from {{ source('lake', 'p40_police_call_aggregate') }}
