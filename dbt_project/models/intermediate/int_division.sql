-- R01 as valid at as_of (reading 23: valid_to exclusive), one row per unit.
select
    unit_code, unit_level, region_code, town_code, parent_code, name_zh, town_type,
    cast(pop_resident as bigint) as pop_resident, merge_into_code, station_code, arrive_std_min, lon, lat
from {{ ref('seed_division') }}
where valid_from <= {{ as_of_date() }}
  and (valid_to is null or valid_to > {{ as_of_date() }})
