-- Generated from the contracts by `fengqiao generate`; do not edit.
select
    confirm_id,
    mediation_id,
    effective_date,
    apply_date,
    accept_date,
    result,
    decide_date,
    court_code,
    region_code,
    _delivery_id,
    _source_row,
    {{ to_local('_valid_from') }} as _valid_from,
    _period_end,
    _occurrence,
    _warnings,
    _month
from {{ source('lake', 'p34_judicial_confirmation') }}
