-- 投资项目节点：每月按期完成率控制图，与去年同月
-- 判断某个月是真变了还是正常波动；界限随当月应完成数变化（p 图）
with params as (
    select 3.0 as sigmas, 24 as months_n
),
-- 月报每月重报同一节点，所以一个项目的一个节点只算一次，计划日以最近一次上报为准
stated as (
    select project_code, milestone_code, max_by(plan_date, stat_month) as plan_date,
        min(actual_date) as actual_date
    from p04_project_milestone
    group by project_code, milestone_code
),
monthly as (
    select date_trunc('month', plan_date)::date as month, count(*) as due_n,
        count(*) filter (actual_date <= plan_date) as on_time_n
    from stated
    where plan_date <= (select max(as_of)::date from indicator)
    group by all
),
chosen as (
    select m.*, p.sigmas from monthly as m, params as p
    qualify row_number() over (order by m.month desc) <= p.months_n
),
centre as (
    select sum(on_time_n) / sum(due_n)::double as share from chosen
)
select strftime(m.month, '%Y-%m') as 月份, m.on_time_n as 按期, m.due_n as 应完成,
    round(100.0 * m.on_time_n / m.due_n, 1) as 按期率,
    round(100.0 * y.on_time_n / y.due_n, 1) as 去年同月, round(100 * c.share, 1) as 中心线,
    round(100 * greatest(0, c.share - m.sigmas * sqrt(c.share * (1 - c.share) / m.due_n)), 1)
        as 下控制限,
    round(100 * least(1, c.share + m.sigmas * sqrt(c.share * (1 - c.share) / m.due_n)), 1)
        as 上控制限
from chosen as m
cross join centre as c
left join monthly as y on y.month = m.month - interval 1 year
order by m.month
