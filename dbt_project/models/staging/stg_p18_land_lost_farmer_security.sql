-- Generated from the contracts by `fengqiao generate`; do not edit.
select
    batch_id,
    exprop_id,
    due_persons,
    insured_persons,
    fund_due,
    fund_paid,
    finish_date,
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
from {{ source('lake', 'p18_land_lost_farmer_security') }}
