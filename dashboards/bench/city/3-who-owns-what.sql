-- 指标归口：各部门主管的指标、来源和口径版本
-- 引用数字前先看口径版本；跨部门指标以主管部门口径为准
with params as (
    select null::varchar as owner_zh  -- 空：全部部门，如 市公安局
)
select r.owner_zh as 主管部门, r.indicator_code as 指标, r.name_zh as 名称, r.unit as 单位,
    r.sources as 来源, r.disclosure as 披露控制, r.formula_version as 口径版本
from indicator_registry as r, params as p
where p.owner_zh is null or starts_with(r.owner_zh, p.owner_zh)
order by 主管部门, 指标
