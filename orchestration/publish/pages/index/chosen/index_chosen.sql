-- Grain: one row per choice of 镇街, kind of reader and choice of 月份: the line of the chosen town.
select pick.pick, town.* exclude (card, district_code, scope_code), pick.scope_code
from pages.index_pick as pick
inner join pages.index_unit as town on town.card = 'TOWN' and town.unit_code = pick.unit_code
