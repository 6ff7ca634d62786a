-- One row per run of one quality test (O02), known at as_of.
select
    run_id, feed_code, owner_org_code, test_name, severity, run_time, passed, failed_rows_n,
    checked_rows_n
from {{ ref('stg_o02_test_run') }}
where run_time <= {{ as_of() }}
