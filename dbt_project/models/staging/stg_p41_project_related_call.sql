-- Generated from the contracts by `fengqiao generate`; do not edit.
select
    project_code,
    week_start,
    dispute_call_n,
    obstruct_call_n,
    labour_call_n,
    env_call_n,
    injury_flag,
    region_code,
    _delivery_id,
    _source_row,
    {{ to_local('_valid_from') }} as _valid_from,
    _period_end,
    _occurrence,
    _warnings,
    _month
from {{ source('lake', 'p41_project_related_call') }}
