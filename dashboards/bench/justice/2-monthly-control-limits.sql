-- 两法衔接预警：每月件数控制图，与上月、去年同月
-- 件数按泊松波动（c 图）：超出均值加减三倍平方根才值得追问
with params as (
    select null::varchar as light, 3.0 as sigmas  -- 灯：R 红、Y 黄；空：全部
),
monthly as (
    select date_trunc('month', f.warn_time)::date as month, count(*) as warnings_n, p.sigmas
    from f09_crime_transfer_warning as f, params as p
    where p.light is null or f.light = p.light
    group by all
),
centre as (
    select avg(warnings_n) as mean_n from monthly
)
select strftime(m.month, '%Y-%m') as 月份, m.warnings_n as 件数, b.warnings_n as 上月,
    y.warnings_n as 去年同月, round(c.mean_n, 1) as 中心线,
    round(greatest(0, c.mean_n - m.sigmas * sqrt(c.mean_n)), 1) as 下控制限,
    round(c.mean_n + m.sigmas * sqrt(c.mean_n), 1) as 上控制限,
    abs(m.warnings_n - c.mean_n) > m.sigmas * sqrt(c.mean_n) as 失控
from monthly as m
cross join centre as c
left join monthly as b on b.month = m.month - interval 1 month
left join monthly as y on y.month = m.month - interval 1 year
order by m.month
