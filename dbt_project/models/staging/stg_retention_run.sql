-- Generated from the contracts by `fengqiao generate`; do not edit.
select
    feed_code,
    table_name,
    {{ to_local('run_time') }} as run_time,
    {{ to_local('cutoff_time') }} as cutoff_time,
    rows_n,
    markers_n
from {{ source('lake', 'retention_run') }}
