-- Generated from the contracts by `fengqiao generate`; do not edit.
select
    fund_id,
    project_code,
    fund_year,
    fund_source,
    plan_amount,
    paid_amount,
    paid_date,
    is_gov_invest,
    region_code,
    {{ to_local('source_update_time') }} as source_update_time,
    _delivery_id,
    _source_row,
    {{ to_local('_valid_from') }} as _valid_from,
    _period_end,
    _occurrence,
    _warnings,
    _month
from {{ source('lake', 'p05_project_funding_plan') }}
