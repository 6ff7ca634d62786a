-- Generated from the contracts by `fengqiao generate`; do not edit.
select
    run_id,
    feed_code,
    owner_org_code,
    test_name,
    severity,
    {{ to_local('run_time') }} as run_time,
    passed,
    failed_rows_n,
    checked_rows_n,
    detail
from {{ source('lake', 'o02_test_run') }}
