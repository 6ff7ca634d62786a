-- Grain: one row per choice of 区县, rule, ground, department, light and state of life: how many lights.
-- Lights of the city's own desk and of no district count in the city only. Rules of the L4 zones
-- are not here: what their counts may say stands on the pages of the zones' applications.
select
    place.district, place.district_order, lit.rule_id, lit.ground, lit.light, lit.area_zh,
    lit.unit_department, lit.life_state, lit.is_standing,
    count(*) as lights_n, min(lit.raised_at) as oldest,
    count(*) filter (where lit.raised_at > timestamp '{as_of}' - interval 30 day) as month_n,
    place.scope_code
from fct_warning as lit
inner join pages.scope as place
    on place.unit_level = 'city' or (place.unit_level = 'district' and place.unit_code = lit.unit_district)
where lit.light in ('R', 'Y') and left(lit.rule_id, 2) not in ('MH', 'YP')
group by all
