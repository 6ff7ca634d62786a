-- Generated from the contracts by `fengqiao generate`; do not edit.
select
    callback_id,
    ticket_id,
    {{ to_local('callback_time') }} as callback_time,
    reached,
    solved,
    satisfied,
    second_round,
    handle_org_code,
    town_code,
    _delivery_id,
    _source_row,
    {{ to_local('_valid_from') }} as _valid_from,
    _period_end,
    _occurrence,
    _warnings,
    _month
from {{ source('lake', 'p45_hotline_satisfaction') }}
