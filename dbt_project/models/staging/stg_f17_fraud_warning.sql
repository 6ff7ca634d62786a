-- Generated from the contracts by `fengqiao generate`; do not edit.
select
    warning_id,
    {{ to_local('warn_time') }} as warn_time,
    warn_level,
    fraud_type,
    dissuade_way,
    {{ to_local('due_time') }} as due_time,
    {{ to_local('dissuade_time') }} as dissuade_time,
    result,
    saved_amount,
    later_victim,
    false_alarm,
    town_code,
    _delivery_id,
    _source_row,
    {{ to_local('_valid_from') }} as _valid_from,
    _period_end,
    _occurrence,
    _warnings,
    _month
from {{ source('lake', 'f17_fraud_warning') }}
