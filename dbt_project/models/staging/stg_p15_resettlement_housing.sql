-- Generated from the contracts by `fengqiao generate`; do not edit.
select
    resettle_id,
    exprop_id,
    unit_total,
    promised_date,
    delivered_date,
    delivered_n,
    transition_household_n,
    transition_months,
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
from {{ source('lake', 'p15_resettlement_housing') }}
