-- Generated from the contracts by `fengqiao generate`; do not edit.
select
    feedback_id,
    opinion_kind,
    source_ref,
    {{ to_local('service_time') }} as service_time,
    {{ to_local('sms_time') }} as sms_time,
    sms_reply,
    {{ to_local('callback_time') }} as callback_time,
    callback_result,
    unsat_reason,
    order_id,
    {{ to_local('order_due') }} as order_due,
    {{ to_local('order_finish') }} as order_finish,
    second_result,
    station_code,
    _delivery_id,
    _source_row,
    {{ to_local('_valid_from') }} as _valid_from,
    _period_end,
    _occurrence,
    _warnings,
    _month
from {{ source('lake', 'f02_opinion_feedback') }}
