-- Generated from the contracts by `fengqiao generate`; do not edit.
select
    review_id,
    petition_no,
    review_level,
    request_date,
    opinion_date,
    result,
    hearing,
    org_code,
    region_code,
    _delivery_id,
    _source_row,
    {{ to_local('_valid_from') }} as _valid_from,
    _period_end,
    _occurrence,
    _warnings,
    _month
from {{ source('lake', 'p28_petition_review') }}
