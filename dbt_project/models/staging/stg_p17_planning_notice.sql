-- Generated from the contracts by `fengqiao generate`; do not edit.
select
    notice_id,
    project_code,
    notice_type,
    start_date,
    end_date,
    opinion_n,
    opinion_object_n,
    reply_n,
    region_code,
    town_code,
    _delivery_id,
    _source_row,
    {{ to_local('_valid_from') }} as _valid_from,
    _period_end,
    _occurrence,
    _warnings,
    _month
from {{ source('lake', 'p17_planning_notice') }}
