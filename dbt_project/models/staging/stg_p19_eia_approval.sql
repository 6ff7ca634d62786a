-- Generated from the contracts by `fengqiao generate`; do not edit.
select
    eia_id,
    project_code,
    eia_type,
    accept_date,
    public_start,
    approve_date,
    approve_result,
    pollutant_type,
    protect_distance,
    org_code,
    region_code,
    {{ to_local('source_update_time') }} as source_update_time,
    _delivery_id,
    _source_row,
    {{ to_local('_valid_from') }} as _valid_from,
    _period_end,
    _occurrence,
    _warnings,
    _month
from {{ source('lake', 'p19_eia_approval') }}
