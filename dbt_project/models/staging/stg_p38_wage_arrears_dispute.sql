-- Generated from the contracts by `fengqiao generate`; do not edit.
select
    case_id,
    project_code,
    uscc,
    worker_n,
    arrears_amount,
    arrears_months,
    order_pay_date,
    order_due,
    paid_date,
    transferred,
    town_code,
    {{ to_local('source_update_time') }} as source_update_time,
    dispute_code,
    _delivery_id,
    _source_row,
    {{ to_local('_valid_from') }} as _valid_from,
    _period_end,
    _occurrence,
    _warnings,
    _month
from {{ source('lake', 'p38_wage_arrears_dispute') }}
