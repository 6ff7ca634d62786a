-- Generated from the contracts by `fengqiao generate`; do not edit.
select
    report_id,
    decision_id,
    project_code,
    report_version,
    risk_level,
    prob_score,
    method,
    assessor_uscc,
    report_date,
    filed_date,
    conclusion,
    region_code,
    {{ to_local('source_update_time') }} as source_update_time,
    _delivery_id,
    _source_row,
    {{ to_local('_valid_from') }} as _valid_from,
    _period_end,
    _occurrence,
    _warnings,
    _month
from {{ source('lake', 'p07_risk_assessment_report') }}
