-- One row per feed, period and moment at which deliveries of it are due, landed when the last of them
-- has: a feed of six districts is late while one of them is.
select
    feed_code, due_time, {{ text('period_start') }} || '/' || substr({{ text('due_time') }}, 1, 16) as period_code,
    case when count(landed_time) = count(*) then max(landed_time) end as landed_time,
    cast({{ elapsed_days(midnight('period_start'), midnight(add_days('period_end', 1))) }} * 1440 as bigint) as interval_minutes_n,
    count(*) as deliveries_n, max(delivery_id) as _delivery_id, cast(null as bigint) as _source_row
from {{ ref('fct_delivery') }}
where is_due
group by feed_code, due_time, period_start, period_end
