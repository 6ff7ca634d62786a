-- X01 污染源超标日占比, population: a day's valid monitoring of one outlet and pollutant (period date =
-- that day); numerator: a day with exceedances.
select
    outlet_code || '|' || pollutant_code || '|' || cast(stat_date as {{ dbt.type_string() }}) as row_key,
    stat_date as period_date,
    coalesce(town.unit_town, 'unassigned') as unit_town,
    case when exceed_times > 0 then 1 else 0 end as is_numerator,
    1 as is_denominator, 0 as is_open,
    exceed_times,
    _delivery_id, _source_row
from {{ ref('stg_p22_pollution_monitor_daily') }} as monitored
left join {{ ref('int_town_unit') }} as town on town.town_code = monitored.town_code
where data_flag = 'N' and stat_date <= {{ as_of_date() }}
