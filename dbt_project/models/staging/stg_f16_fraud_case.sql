-- Generated from the contracts by `fengqiao generate`; do not edit.
select
    case_id,
    {{ to_local('report_time') }} as report_time,
    fraud_type,
    loss_amount,
    has_victim_phone,
    victim_age_band,
    {{ to_local('first_transfer_time') }} as first_transfer_time,
    {{ to_local('stop_apply_time') }} as stop_apply_time,
    stop_amount,
    frozen_amount,
    returned_amount,
    solved_date,
    town_code,
    _delivery_id,
    _source_row,
    {{ to_local('_valid_from') }} as _valid_from,
    _period_end,
    _occurrence,
    _warnings,
    _month
from {{ source('lake', 'f16_fraud_case') }}
