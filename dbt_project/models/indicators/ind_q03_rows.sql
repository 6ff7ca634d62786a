-- Q03, population: runs of quality tests, errors and warnings alike; numerator: passed. A test that
-- could not run (passed null) failed.
select
    run.run_id as row_key,
    cast(run.run_time as date) as period_date,
    run.feed_code as unit_feed,
    {{ unit_department_column('run.owner_org_code') }},
    case when run.passed then 1 else 0 end as is_numerator,
    1 as is_denominator,
    0 as is_open,
    run.test_name, run.severity, run.run_time, run.failed_rows_n, run.checked_rows_n,
    cast(null as {{ dbt.type_string() }}) as _delivery_id, cast(null as bigint) as _source_row
from {{ ref('fct_quality_test') }} as run
{{ unit_department_join('run.owner_org_code') }}
