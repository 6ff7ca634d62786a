-- Generated from the contracts by `fengqiao generate`; do not edit.
select
    feed_code,
    delivery_id,
    file_name,
    source_row,
    column_name,
    rule,
    severity,
    value_shape,
    value,
    reason_zh,
    {{ to_local('landed_time') }} as landed_time
from {{ source('lake', 'quarantine') }}
