-- 投资项目节点：各县（市、区）按期完成率，带分子分母与收缩值
-- 分母是计划日已过的节点。收缩值把小分母拉向全市平均（贝塔先验，强度相当于 prior_n 个节点）
with params as (
    select 20.0 as prior_n
),
-- 月报每月重报同一节点，所以一个项目的一个节点只算一次，计划日以最近一次上报为准
stated as (
    select project_code, milestone_code, max_by(region_code, stat_month) as region_code,
        max_by(plan_date, stat_month) as plan_date, min(actual_date) as actual_date
    from p04_project_milestone
    group by project_code, milestone_code
),
due as (
    select * from stated where plan_date <= (select max(as_of)::date from indicator)
),
city as (
    select avg((actual_date <= plan_date and actual_date is not null)::int) as share from due
),
counted as (
    select region_code, count(*) as due_n,
        count(*) filter (actual_date <= plan_date) as on_time_n,
        count(*) filter (actual_date is null) as open_n
    from due
    group by region_code
)
select coalesce(u.name_zh, c.region_code) as 区县, c.on_time_n as 按期完成, c.due_n as 应完成,
    c.open_n as 仍未完成, round(100.0 * c.on_time_n / c.due_n, 1) as 按期率,
    round(100 * (c.on_time_n + p.prior_n * t.share) / (c.due_n + p.prior_n), 1) as 收缩值,
    round(100 * t.share, 1) as 全市
from counted as c
cross join city as t
cross join params as p
left join unit as u on u.unit_level in ('district', 'city') and u.unit_code = c.region_code
order by c.due_n desc
