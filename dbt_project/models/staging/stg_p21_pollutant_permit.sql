-- Generated from the contracts by `fengqiao generate`; do not edit.
select
    permit_no,
    version_no,
    uscc,
    mgmt_class,
    industry_code,
    valid_from,
    valid_to,
    permit_status,
    region_code,
    town_code,
    _delivery_id,
    _source_row,
    {{ to_local('_valid_from') }} as _valid_from,
    _period_end,
    _occurrence,
    _warnings,
    _month
from {{ source('lake', 'p21_pollutant_permit') }}
