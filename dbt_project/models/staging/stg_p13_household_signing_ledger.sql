-- Generated from the contracts by `fengqiao generate`; do not edit.
select
    household_id,
    exprop_id,
    has_phone,
    build_area,
    family_n,
    sign_status,
    sign_date,
    comp_amount,
    unsigned_reason,
    town_code,
    {{ to_local('source_update_time') }} as source_update_time,
    _delivery_id,
    _source_row,
    {{ to_local('_valid_from') }} as _valid_from,
    _period_end,
    _occurrence,
    _warnings,
    _month
from {{ source('lake', 'p13_household_signing_ledger') }}
