-- Generated from the contracts by `fengqiao generate`; do not edit.
select
    feed_code,
    owner_org_code,
    region_code,
    sender,
    period_start,
    period_end,
    {{ to_local('due_time') }} as due_time
from {{ source('lake', 'due_delivery') }}
