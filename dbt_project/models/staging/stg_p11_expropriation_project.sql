-- Generated from the contracts by `fengqiao generate`; do not edit.
select
    exprop_id,
    project_code,
    land_nature,
    area_m2,
    household_total,
    population_total,
    assess_done_date,
    decision_date,
    sign_deadline,
    exprop_status,
    region_code,
    town_code,
    {{ to_local('source_update_time') }} as source_update_time,
    _delivery_id,
    _source_row,
    {{ to_local('_valid_from') }} as _valid_from,
    _period_end,
    _occurrence,
    _warnings,
    _month
from {{ source('lake', 'p11_expropriation_project') }}
