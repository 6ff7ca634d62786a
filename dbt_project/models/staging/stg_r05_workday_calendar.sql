-- Generated from the contracts by `fengqiao generate`; do not edit.
select
    cal_date,
    is_workday,
    is_holiday,
    holiday_name,
    is_in_lieu,
    _delivery_id,
    _source_row,
    {{ to_local('_valid_from') }} as _valid_from,
    _period_end,
    _occurrence,
    _warnings,
    _month
from {{ source('lake', 'r05_workday_calendar') }}
