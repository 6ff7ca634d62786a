-- Generated from the contracts by `fengqiao generate`; do not edit.
select
    crime_id,
    month,
    reported_by,
    falls_within,
    longitude,
    latitude,
    location,
    lsoa_code,
    lsoa_name,
    crime_type,
    last_outcome_category,
    context,
    _delivery_id,
    _source_row,
    {{ to_local('_valid_from') }} as _valid_from,
    _period_end,
    _occurrence,
    _warnings,
    _month
from {{ source('lake', 'uk01_street_crime') }}
