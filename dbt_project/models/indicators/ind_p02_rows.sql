-- P02, population: valid police calls that were dispatched (period date = day of dispatch).
-- numerator: arrived within the standard of the place (R01.arrive_std_min, else 10 minutes), unrounded.
-- Finished without an arrival: failed. Neither: failed once the standard has passed, before that
-- outside. An arrival before the dispatch is an error of the source: outside. An arrival known at
-- the run time counts.
select
    call.call_id as row_key,
    cast(call.dispatch_time as date) as period_date,
    call.station_code as unit_station,
    {{ unit_town_columns() }},
    case when call.arrive_time >= call.dispatch_time and call.arrive_time
        <= {{ add_minutes('call.dispatch_time', 'coalesce(town.arrive_std_min, 10)') }}
        then 1 else 0 end as is_numerator,
    case
        when call.arrive_time < call.dispatch_time then 0
        when call.arrive_time is not null or call.finish_time is not null then 1
        when {{ add_minutes('call.dispatch_time', 'coalesce(town.arrive_std_min, 10)') }} < {{ as_of() }} then 1
        else 0
    end as is_denominator,
    case when call.arrive_time is null and call.finish_time is null then 1 else 0 end as is_open,
    call.dispatch_time, call.arrive_time, call.finish_time,
    coalesce(town.arrive_std_min, 10) as arrive_std_min, call.call_type,
    call._delivery_id, call._source_row
from (
    select
        call_id, call_type, station_code, town_code, dispatch_time, _delivery_id, _source_row,
        -- What had not happened by as_of is not known.
        case when arrive_time <= {{ as_of() }} then arrive_time end as arrive_time,
        case when finish_time <= {{ as_of() }} then finish_time end as finish_time
    from {{ ref('fct_police_call_110') }}
    where is_valid and is_police_matter and dispatch_time <= {{ as_of() }}
) as call
{{ unit_town_joins('call.town_code') }}
