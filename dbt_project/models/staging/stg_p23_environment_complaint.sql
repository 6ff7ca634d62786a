-- Generated from the contracts by `fengqiao generate`; do not edit.
select
    complaint_id,
    project_code,
    {{ to_local('complaint_time') }} as complaint_time,
    channel,
    pollute_type,
    has_complainant_phone,
    target_uscc,
    {{ to_local('due_time') }} as due_time,
    {{ to_local('finish_time') }} as finish_time,
    is_true,
    satisfied,
    town_code,
    _delivery_id,
    _source_row,
    {{ to_local('_valid_from') }} as _valid_from,
    _period_end,
    _occurrence,
    _warnings,
    _month
from {{ source('lake', 'p23_environment_complaint') }}
