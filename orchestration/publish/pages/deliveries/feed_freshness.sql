-- Grain: one row per feed that owes or made deliveries: is it fresh, and was it on time lately.
with delivery as (
    select * from fct_delivery
    where due_time <= timestamp '{as_of}' or landed_time <= timestamp '{as_of}'
),
latest_due as (
    select feed_code, status from delivery
    where is_due and due_time <= timestamp '{as_of}'
    qualify row_number() over (partition by feed_code order by due_time desc, period_end desc) = 1
),
summed as (
    select feed_code, max(landed_time) filter (where not is_beside) as landed_time,
        max(period_end) filter (where landed_time is not null and not is_beside) as period_end,
        count(*) filter (where is_due and due_time > timestamp '{as_of}' - interval 30 day)
            as due_n,
        count(*) filter (where is_due and status = '1'
            and due_time > timestamp '{as_of}' - interval 30 day) as on_time_n
    from delivery group by feed_code
)
select
    summed.feed_code, coalesce(feed_name(unit.name_zh), summed.feed_code) as feed,
    summed.landed_time, coalesce(strftime(summed.landed_time, '%m-%d %H:%M'), '—') as landed_text,
    coalesce(strftime(summed.period_end, '%Y-%m-%d'), '—') as period_text,
    summed.due_n, summed.on_time_n,
    case when summed.due_n = 0 then '—'
        else printf('%.1f%%', 100.0 * summed.on_time_n / summed.due_n) end as on_time_text,
    case latest_due.status when '1' then '● 按时' when '2' then '▲ 迟到' when '3' then '■ 缺失'
        when '4' then '■ 拒收' else '○ 未约定' end as status_text,
    'city' as scope_code
from summed
left join latest_due using (feed_code)
left join dim_unit as unit on unit.unit_level = 'feed' and unit.unit_code = summed.feed_code
