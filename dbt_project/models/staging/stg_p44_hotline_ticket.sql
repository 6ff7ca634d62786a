-- Generated from the contracts by `fengqiao generate`; do not edit.
select
    ticket_id,
    {{ to_local('accept_time') }} as accept_time,
    ticket_type,
    topic_code,
    project_code,
    has_caller_phone,
    handle_org_code,
    {{ to_local('due_time') }} as due_time,
    {{ to_local('finish_time') }} as finish_time,
    town_code,
    {{ to_local('source_update_time') }} as source_update_time,
    _delivery_id,
    _source_row,
    {{ to_local('_valid_from') }} as _valid_from,
    _period_end,
    _occurrence,
    _warnings,
    _month
from {{ source('lake', 'p44_hotline_ticket') }}
