-- Grain: one row per choice of 区县 and kind of reader: of which district's units a ranked list is
-- made (null: of all). Under 全市 its leadership sees all units; a district's leader a list of its
-- own and the city's, made for that leader, or the worst of the whole city would leave it empty.
select district, unit_level, unit_code as of_district, scope_code
from pages.scope where unit_level = 'district'
union all
select district, unit_level, null, 'restricted' from pages.scope where unit_level = 'city'
union all
select whole.district, 'city', own.unit_code, 'only:' || own.unit_code
from pages.scope as whole cross join pages.scope as own
where whole.unit_level = 'city' and own.unit_level = 'district'
