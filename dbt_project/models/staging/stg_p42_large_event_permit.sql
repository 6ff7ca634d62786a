-- Generated from the contracts by `fengqiao generate`; do not edit.
select
    permit_id,
    event_name,
    organizer_uscc,
    expect_n,
    apply_date,
    decide_date,
    result,
    event_date,
    region_code,
    town_code,
    _delivery_id,
    _source_row,
    {{ to_local('_valid_from') }} as _valid_from,
    _period_end,
    _occurrence,
    _warnings,
    _month
from {{ source('lake', 'p42_large_event_permit') }}
