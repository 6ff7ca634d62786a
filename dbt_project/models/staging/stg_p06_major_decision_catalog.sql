-- Generated from the contracts by `fengqiao generate`; do not edit.
select
    decision_id,
    decision_title,
    decision_type,
    project_code,
    lead_org_code,
    must_assess,
    start_date,
    legality_review_date,
    decide_date,
    decision_status,
    region_code,
    {{ to_local('source_update_time') }} as source_update_time,
    _delivery_id,
    _source_row,
    {{ to_local('_valid_from') }} as _valid_from,
    _period_end,
    _occurrence,
    _warnings,
    _month
from {{ source('lake', 'p06_major_decision_catalog') }}
