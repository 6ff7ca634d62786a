-- Generated from the contracts by `fengqiao generate`; do not edit.
select
    stat_month,
    court_code,
    town_code,
    cause_code,
    civil_first_n,
    admin_first_n,
    pre_mediate_n,
    pre_success_n,
    withdraw_n,
    report_batch,
    _delivery_id,
    _source_row,
    {{ to_local('_valid_from') }} as _valid_from,
    _period_end,
    _occurrence,
    _warnings,
    _month
from {{ source('lake', 'f06_court_filing_monthly') }}
