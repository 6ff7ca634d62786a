-- Generated from the contracts by `fengqiao generate`; do not edit.
select
    topic_id,
    stat_date,
    topic_name,
    decision_id,
    project_code,
    post_n,
    negative_rate,
    top_concern,
    replied_flag,
    reply_hours,
    _delivery_id,
    _source_row,
    {{ to_local('_valid_from') }} as _valid_from,
    _period_end,
    _occurrence,
    _warnings,
    _month
from {{ source('lake', 'p46_public_opinion_topic') }}
