-- Generated from the contracts by `fengqiao generate`; do not edit.
select
    payment_id,
    exprop_id,
    household_id,
    amount,
    due_date,
    paid_date,
    pay_status,
    town_code,
    {{ to_local('source_update_time') }} as source_update_time,
    _delivery_id,
    _source_row,
    {{ to_local('_valid_from') }} as _valid_from,
    _period_end,
    _occurrence,
    _warnings,
    _month
from {{ source('lake', 'p14_compensation_payment') }}
