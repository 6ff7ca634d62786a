-- 各领域红黄灯：最近一期有灯的指标各多少
-- 全市统计用；未评灯的指标（不设阈值或样本不足）单列，不当作绿灯
with params as (
    select 'city' as unit_level
),
newest as (
    select i.indicator_code, i.light,
        row_number() over (partition by i.indicator_code order by i.period_end desc, i.window_kind) as ordinal
    from indicator as i
    join params using (unit_level)
    where not i.is_running
)
select r.domain_zh as 领域, count(*) as 指标数,
    count(*) filter (n.light = 'R') as 红灯, count(*) filter (n.light = 'Y') as 黄灯,
    count(*) filter (n.light = 'G') as 绿灯,
    count(*) filter (coalesce(n.light, '-') not in ('R', 'Y', 'G')) as 未评灯
from newest as n
join indicator_registry as r using (indicator_code)
where n.ordinal = 1
group by r.domain_zh
order by 红灯 desc, 黄灯 desc, 领域
