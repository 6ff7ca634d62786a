-- 有效警情：本月与上月、与去年同月
-- 按警情大类比较；去年同月没有数据时为空，不当作零
with params as (
    select null::varchar as month  -- 空：最近一个有整月数据的月，如 2026-09
),
monthly as (
    select strftime(stat_date, '%Y-%m') as month, call_type, sum(valid_n) as valid_n,
        count(distinct stat_date) as days_n
    from p40_police_call_aggregate
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
select c.month as 月份, t.label_zh as 警情大类, n.valid_n as 本月, b.valid_n as 上月,
    y.valid_n as 去年同月,
    round(100.0 * (n.valid_n - b.valid_n) / nullif(b.valid_n, 0), 1) as 环比百分比,
    round(100.0 * (n.valid_n - y.valid_n) / nullif(y.valid_n, 0), 1) as 同比百分比
from compared as c
join monthly as n on n.month = c.month
left join monthly as b on b.month = c.month_before and b.call_type = n.call_type
left join monthly as y on y.month = c.year_before and y.call_type = n.call_type
left join code as t on t.code_table = 'CALL_TYPE' and t.code = n.call_type
order by 本月 desc
