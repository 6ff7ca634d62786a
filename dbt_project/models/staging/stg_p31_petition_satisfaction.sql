-- Generated from the contracts by `fengqiao generate`; do not edit.
select
    eval_id,
    petition_no,
    eval_target,
    score,
    {{ to_local('eval_time') }} as eval_time,
    eval_channel,
    unsat_reason,
    org_code,
    region_code,
    _delivery_id,
    _source_row,
    {{ to_local('_valid_from') }} as _valid_from,
    _period_end,
    _occurrence,
    _warnings,
    _month
from {{ source('lake', 'p31_petition_satisfaction') }}
