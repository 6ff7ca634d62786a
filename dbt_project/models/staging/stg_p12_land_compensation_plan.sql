-- Generated from the contracts by `fengqiao generate`; do not edit.
select
    plan_id,
    exprop_id,
    plan_version,
    publish_date,
    consult_end,
    objection_n,
    hearing_applied_n,
    hearing_held,
    comp_standard,
    modified_flag,
    region_code,
    _delivery_id,
    _source_row,
    {{ to_local('_valid_from') }} as _valid_from,
    _period_end,
    _occurrence,
    _warnings,
    _month
from {{ source('lake', 'p12_land_compensation_plan') }}
