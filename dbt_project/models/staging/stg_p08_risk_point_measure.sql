-- Generated from the contracts by `fengqiao generate`; do not edit.
select
    risk_point_id,
    report_id,
    risk_factor,
    probability,
    impact,
    before_level,
    after_level,
    measure_org_code,
    measure_due,
    measure_done,
    {{ to_local('source_update_time') }} as source_update_time,
    _delivery_id,
    _source_row,
    {{ to_local('_valid_from') }} as _valid_from,
    _period_end,
    _occurrence,
    _warnings,
    _month
from {{ source('lake', 'p08_risk_point_measure') }}
