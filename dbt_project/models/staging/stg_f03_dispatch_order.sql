-- Generated from the contracts by `fengqiao generate`; do not edit.
select
    order_id,
    unit_code,
    order_level,
    order_type,
    {{ to_local('issue_time') }} as issue_time,
    {{ to_local('sign_time') }} as sign_time,
    {{ to_local('sign_due') }} as sign_due,
    {{ to_local('feedback_due') }} as feedback_due,
    {{ to_local('feedback_time') }} as feedback_time,
    feedback_ok,
    joint_unit_n,
    region_code,
    _delivery_id,
    _source_row,
    {{ to_local('_valid_from') }} as _valid_from,
    _period_end,
    _occurrence,
    _warnings,
    _month
from {{ source('lake', 'f03_dispatch_order') }}
