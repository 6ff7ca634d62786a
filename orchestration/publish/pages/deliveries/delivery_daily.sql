-- Grain: one row per day of the last 30, and status, of the deliveries due that day.
with day as (
    select d::date as day from generate_series(
        cast(timestamp '{as_of}' as date) - interval 29 day,
        cast(timestamp '{as_of}' as date), interval 1 day) as t (d)
),
status as (
    select * from (values ('1', '按时'), ('2', '迟到'), ('3', '缺失'), ('4', '拒收'))
        as t (status, status_text)
)
select day.day, strftime(day.day, '%m-%d') as day_text, status.status, status.status_text,
    count(delivery.feed_code) as deliveries_n, 'operations' as scope_code
from day cross join status
left join fct_delivery as delivery
    on delivery.is_due and cast(delivery.due_time as date) = day.day
    and delivery.status = status.status and delivery.due_time <= timestamp '{as_of}'
group by all
