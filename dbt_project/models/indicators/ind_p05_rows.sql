-- P05, population: every service contact of the 11 kinds (period date = day of service); numerator:
-- asked, by message or by telephone, by the run time.
select
    feedback_id as row_key,
    cast(service_time as date) as period_date,
    station_code as unit_station,
    opinion_kind as unit_kind,
    case when sms_time <= {{ as_of() }} or callback_time <= {{ as_of() }} then 1 else 0 end as is_numerator,
    1 as is_denominator,
    0 as is_open,
    service_time, sms_time, callback_time,
    _delivery_id, _source_row
from {{ ref('fct_feedback') }}
where service_time <= {{ as_of() }}
