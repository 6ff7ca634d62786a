-- Generated from the contracts by `fengqiao generate`; do not edit.
select
    event_id,
    dispute_code,
    {{ to_local('event_time') }} as event_time,
    from_state,
    to_state,
    tier,
    handler_org,
    {{ to_local('due_time') }} as due_time,
    overdue,
    close_check,
    reopened,
    town_code,
    crime_kind,
    _delivery_id,
    _source_row,
    {{ to_local('_valid_from') }} as _valid_from,
    _period_end,
    _occurrence,
    _warnings,
    _month
from {{ source('lake', 'f20_dispute_case_event') }}
