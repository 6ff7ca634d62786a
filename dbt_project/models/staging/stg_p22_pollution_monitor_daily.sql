-- Generated from the contracts by `fengqiao generate`; do not edit.
select
    outlet_code,
    pollutant_code,
    stat_date,
    uscc,
    avg_value,
    limit_value,
    exceed_times,
    valid_rate,
    data_flag,
    region_code,
    town_code,
    _delivery_id,
    _source_row,
    {{ to_local('_valid_from') }} as _valid_from,
    _period_end,
    _occurrence,
    _warnings,
    _month
from {{ source('lake', 'p22_pollution_monitor_daily') }}
