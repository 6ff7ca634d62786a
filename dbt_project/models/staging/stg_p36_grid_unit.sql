-- Generated from the contracts by `fengqiao generate`; do not edit.
select
    grid_code,
    valid_from,
    grid_name,
    grid_type,
    households,
    population,
    full_time_n,
    part_time_n,
    town_code,
    _delivery_id,
    _source_row,
    {{ to_local('_valid_from') }} as _valid_from,
    _period_end,
    _occurrence,
    _warnings,
    _month
from {{ source('lake', 'p36_grid_unit') }}
