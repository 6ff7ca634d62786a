-- Generated from the contracts by `fengqiao generate`; do not edit.
select
    group_key,
    week_start,
    category,
    project_code,
    visit_n,
    person_n,
    resolved_flag,
    lead_org_code,
    region_code,
    _delivery_id,
    _source_row,
    {{ to_local('_valid_from') }} as _valid_from,
    _period_end,
    _occurrence,
    _warnings,
    _month
from {{ source('lake', 'p29_group_appeal_aggregate') }}
