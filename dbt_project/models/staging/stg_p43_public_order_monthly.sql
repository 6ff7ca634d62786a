-- Generated from the contracts by `fengqiao generate`; do not edit.
select
    stat_month,
    town_code,
    case_type,
    accepted_n,
    filed_n,
    solved_n,
    loss_amount,
    report_batch,
    _delivery_id,
    _source_row,
    {{ to_local('_valid_from') }} as _valid_from,
    _period_end,
    _occurrence,
    _warnings,
    _month
from {{ source('lake', 'p43_public_order_monthly') }}
