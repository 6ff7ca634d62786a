-- Grain: one row per choice of 区县, kind of reader and department: its standing lights of matters there, red
-- ones first. Lights that name no department (disputes, courts) stand in the matrix by area.
select
    viewer.district, unit.name_zh as agency_text,
    coalesce(sum(lights_n) filter (where light = 'R'), 0) as red_n,
    coalesce(sum(lights_n) filter (where light = 'Y'), 0) as yellow_n,
    coalesce(sum(lights_n) filter (where left(rule_id, 2) = 'XL'), 0) as transfer_n,
    strftime(min(oldest), '%Y-%m-%d') as oldest_text,
    string_agg(distinct area_zh, '、' order by area_zh) as areas_text,
    row_number() over (partition by viewer.district, viewer.scope_code
        order by red_n desc, yellow_n desc, unit.unit_code) as agency_no,
    viewer.scope_code
from pages.viewer as viewer
inner join pages.scope as place
    on place.unit_level = case when viewer.of_district is null then 'city' else 'district' end
    and (viewer.of_district is null or place.unit_code = viewer.of_district)
inner join pages.light as light on light.district = place.district
inner join dim_unit as unit on unit.unit_level = 'department' and unit.unit_code = light.unit_department
where light.is_standing and light.unit_department <> 'unassigned'
group by viewer.district, viewer.scope_code, unit.name_zh, unit.unit_code
