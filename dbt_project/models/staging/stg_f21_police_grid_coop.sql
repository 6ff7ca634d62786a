-- Generated from the contracts by `fengqiao generate`; do not edit.
select
    coop_id,
    call_id,
    biz_l1,
    biz_l2,
    {{ to_local('dispatch_time') }} as dispatch_time,
    {{ to_local('sign_time') }} as sign_time,
    {{ to_local('arrive_time') }} as arrive_time,
    {{ to_local('finish_time') }} as finish_time,
    {{ to_local('due_time') }} as due_time,
    satisfied,
    back_to_police,
    dept_org_code,
    town_code,
    _delivery_id,
    _source_row,
    {{ to_local('_valid_from') }} as _valid_from,
    _period_end,
    _occurrence,
    _warnings,
    _month
from {{ source('lake', 'f21_police_grid_coop') }}
