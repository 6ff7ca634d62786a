-- 网格事件：本月与上月、与去年同月
-- 按事件类型比较上报数与限时内办结数；去年同月没有数据时为空，不当作零
with params as (
    select null::varchar as month  -- 空：最近一个有整月数据的月，如 2026-09
),
monthly as (
    select strftime(report_time, '%Y-%m') as month, event_type, count(*) as events_n,
        count(*) filter (finish_time <= due_time) as in_time_n, count(due_time) as due_n,
        count(distinct report_time::date) as days_n
    from p35_grid_event
    group by all
),
chosen as (
    select coalesce(p.month, max(m.month) filter (m.days_n >= 28), max(m.month)) as month
    from params as p, monthly as m
    group by p.month
),
compared as (
    select month, strftime(strptime(month || '-01', '%Y-%m-%d') - interval 1 month, '%Y-%m')
        as month_before, strftime(strptime(month || '-01', '%Y-%m-%d') - interval 1 year, '%Y-%m')
        as year_before
    from chosen
)
select c.month as 月份, coalesce(t.label_zh, n.event_type) as 事件类型, n.events_n as 本月上报,
    b.events_n as 上月上报, y.events_n as 去年同月上报, n.in_time_n as 限时内办结,
    n.due_n as 有时限的, round(100.0 * n.in_time_n / nullif(n.due_n, 0), 1) as 按期办结率,
    round(100.0 * (n.events_n - b.events_n) / nullif(b.events_n, 0), 1) as 环比百分比
from compared as c
join monthly as n on n.month = c.month
left join monthly as b on b.month = c.month_before and b.event_type = n.event_type
left join monthly as y on y.month = c.year_before and y.event_type = n.event_type
left join code as t on t.code_table = 'GRID_EVENT_TYPE' and t.code = n.event_type
order by 本月上报 desc
