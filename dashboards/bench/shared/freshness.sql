newest as (
    select indicator_code, window_kind, max(period_end) as period_end, max(as_of) as as_of,
        max(fresh_until) as fresh_until
    from indicator
    group by indicator_code, window_kind
),
arrivals as (
    select round(100 * sum(numerator) / sum(denominator), 1) as on_time_pct
    from indicator
    where indicator_code = 'Q01' and unit_level = 'city' and window_kind = 'month'
)
select r.indicator_code as 指标, r.name_zh as 名称, n.window_kind as 窗口, n.period_end as 最近期末,
    n.as_of as 计算时点, n.fresh_until as 有效至, n.as_of > n.fresh_until as 已过期,
    r.sources as 来源, a.on_time_pct as 全部来源到达及时率,
    a.on_time_pct < p.least_on_time_pct as 到达偏低
from newest as n
join indicator_registry as r using (indicator_code)
cross join params as p
cross join arrivals as a
order by 已过期 desc nulls last, 指标, 窗口
