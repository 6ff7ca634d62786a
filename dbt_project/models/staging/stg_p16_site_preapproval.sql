-- Generated from the contracts by `fengqiao generate`; do not edit.
select
    site_id,
    project_code,
    site_name,
    area_ha,
    land_use,
    nimby_type,
    lon,
    lat,
    approve_date,
    region_code,
    town_code,
    _delivery_id,
    _source_row,
    {{ to_local('_valid_from') }} as _valid_from,
    _period_end,
    _occurrence,
    _warnings,
    _month
from {{ source('lake', 'p16_site_preapproval') }}
