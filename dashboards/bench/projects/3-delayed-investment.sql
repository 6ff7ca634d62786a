-- 投资项目：在建与延期的总投资，按状态和区县
-- 件数之外看投资额：少数大项目的延期，件数里看不出来。投资额单位为元
with params as (
    select true as major_only
)
select coalesce(u.name_zh, j.region_code) as 区县, coalesce(s.label_zh, j.project_status) as 状态,
    count(*) as 项目数, round(sum(j.total_investment) / 1e8, 2) as 总投资亿元,
    count(*) filter (j.planned_finish < (select max(as_of)::date from indicator)) as 计划完工日已过,
    max(j.source_update_time)::date as 最近更新
from p01_major_investment_project as j
cross join params as p
left join unit as u on u.unit_level in ('district', 'city') and u.unit_code = j.region_code
left join code as s on s.code_table = 'PROJECT_STATUS' and s.code = j.project_status
where j.is_major or not p.major_only
group by all
order by 区县, 总投资亿元 desc
