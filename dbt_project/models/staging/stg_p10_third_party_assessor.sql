-- Generated from the contracts by `fengqiao generate`; do not edit.
select
    assessor_id,
    report_id,
    assessor_uscc,
    expert_token,
    field,
    independence_ok,
    fee,
    quality_score,
    region_code,
    {{ to_local('source_update_time') }} as source_update_time,
    _delivery_id,
    _source_row,
    {{ to_local('_valid_from') }} as _valid_from,
    _period_end,
    _occurrence,
    _warnings,
    _month
from {{ source('lake', 'p10_third_party_assessor') }}
