-- Grain: one row per choice of 区县, area and state of life: how many lights.
select
    place.district, lit.area_zh as area_text,
    case lit.life_state when 'raised' then '1 已亮灯' when 'reviewed' then '2 已复核' when 'contested' then '3 有异议'
        when 'transferred' then '4 已移送' else '5 已了结' end as life_text,
    count(*) as lights_n, place.scope_code
from fct_warning as lit
inner join pages.scope as place
    on place.unit_level = 'city' or (place.unit_level = 'district' and place.unit_code = lit.unit_district)
where lit.light in ('R', 'Y')
        -- What came out of an L4 zone is told by its indicators, hidden cells and all.
        and left(lit.rule_id, 2) not in ('MH', 'YP')
group by all
