-- Generated from the contracts by `fengqiao generate`; do not edit.
select
    message_id,
    {{ to_local('submit_time') }} as submit_time,
    topic_code,
    project_code,
    has_user_phone,
    reply_org_code,
    {{ to_local('reply_time') }} as reply_time,
    published,
    region_code,
    _delivery_id,
    _source_row,
    {{ to_local('_valid_from') }} as _valid_from,
    _period_end,
    _occurrence,
    _warnings,
    _month
from {{ source('lake', 'p47_online_gov_message') }}
