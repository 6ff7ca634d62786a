-- Generated from the contracts by `fengqiao generate`; do not edit.
select
    penalty_no,
    case_id,
    uscc,
    illegal_type,
    file_date,
    decide_date,
    fine_amount,
    is_transfer,
    region_code,
    town_code,
    _delivery_id,
    _source_row,
    {{ to_local('_valid_from') }} as _valid_from,
    _period_end,
    _occurrence,
    _warnings,
    _month
from {{ source('lake', 'p24_environment_penalty') }}
