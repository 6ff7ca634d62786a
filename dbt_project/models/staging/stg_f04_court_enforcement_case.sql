-- Generated from the contracts by `fengqiao generate`; do not edit.
select
    case_no,
    case_kind,
    court_code,
    file_date,
    close_date,
    close_way,
    subject_amount,
    actual_amount,
    debtor_kind,
    refuse_exec_clue,
    deduct_days,
    region_code,
    _delivery_id,
    _source_row,
    {{ to_local('_valid_from') }} as _valid_from,
    _period_end,
    _occurrence,
    _warnings,
    _month
from {{ source('lake', 'f04_court_enforcement_case') }}
