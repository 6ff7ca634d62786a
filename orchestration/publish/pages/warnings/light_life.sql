-- Grain: one row per choice of 区县, state of life and light of the transfer rules (XL): how many lights.
select
    place.district, life.life_text, kind.light_text, coalesce(sum(light.lights_n), 0) as lights_n, place.scope_code
from pages.scope as place
cross join (values ('raised', '① 已亮灯'), ('reviewed', '② 已复核'), ('contested', '③ 有异议'),
    ('transferred', '④ 已移送'), ('closed', '⑤ 已了结')) as life (life_state, life_text)
cross join (values ('R', '■ 红灯'), ('Y', '▲ 黄灯')) as kind (light, light_text)
left join pages.light as light
    on light.district = place.district and light.scope_code = place.scope_code
    and light.life_state = life.life_state and light.light = kind.light and left(light.rule_id, 2) = 'XL'
where place.unit_level in ('city', 'district')
group by all
