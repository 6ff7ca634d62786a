-- Generated from the contracts by `fengqiao generate`; do not edit.
select
    receptor_id,
    receptor_name,
    receptor_type,
    households,
    population,
    lon,
    lat,
    region_code,
    town_code,
    _delivery_id,
    _source_row,
    {{ to_local('_valid_from') }} as _valid_from,
    _period_end,
    _occurrence,
    _warnings,
    _month
from {{ source('lake', 'p25_sensitive_receptor') }}
