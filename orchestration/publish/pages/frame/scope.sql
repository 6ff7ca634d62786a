-- Grain: one row per choice of the filter 区县 (the whole city, then each district).
-- 全市 is the default choice; 市级 (330600 at district level) and the bucket of rows without a
-- district are part of the city's values but no places to choose.
select
    case unit_level when 'city' then '全市' else name_zh end as district,
    case unit_level when 'city' then 0 else row_number() over (order by unit_level, unit_code) end
        as district_order,
    unit_level, unit_code,
    case unit_level when 'city' then 'city' else unit_code end as scope_code,
    -- Every department's leadership may choose a district: of its own indicators it sees them all.
    case when unit_level <> 'city' then 'every' end as department
from dim_unit
where unit_level = 'city' or (unit_level = 'district' and unit_code not in ('{city_code}', 'unassigned'))
union all
-- What a district's leader may hold its own values against without seeing a neighbour's.
select '{districts_n_zh}区县中位数', 99, 'peer', 'peer', 'peer', null
