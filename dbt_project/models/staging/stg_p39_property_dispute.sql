-- Generated from the contracts by `fengqiao generate`; do not edit.
select
    pd_id,
    dispute_code,
    community_name,
    issue_type,
    register_date,
    due_date,
    close_date,
    owner_n,
    satisfied,
    town_code,
    _delivery_id,
    _source_row,
    {{ to_local('_valid_from') }} as _valid_from,
    _period_end,
    _occurrence,
    _warnings,
    _month
from {{ source('lake', 'p39_property_dispute') }}
