-- Generated from the contracts by `fengqiao generate`; do not edit.
select
    backlog_id,
    petition_no,
    list_date,
    leader_level,
    plan_date,
    resolved_date,
    resolve_way,
    rebound,
    region_code,
    town_code,
    rebound_date,
    _delivery_id,
    _source_row,
    {{ to_local('_valid_from') }} as _valid_from,
    _period_end,
    _occurrence,
    _warnings,
    _month
from {{ source('lake', 'p30_petition_backlog_case') }}
