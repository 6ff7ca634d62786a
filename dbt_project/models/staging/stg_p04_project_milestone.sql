-- Generated from the contracts by `fengqiao generate`; do not edit.
select
    milestone_id,
    project_code,
    stat_month,
    milestone_code,
    plan_date,
    actual_date,
    progress_pct,
    delay_reason,
    invest_done,
    region_code,
    {{ to_local('source_update_time') }} as source_update_time,
    _delivery_id,
    _source_row,
    {{ to_local('_valid_from') }} as _valid_from,
    _period_end,
    _occurrence,
    _warnings,
    _month
from {{ source('lake', 'p04_project_milestone') }}
