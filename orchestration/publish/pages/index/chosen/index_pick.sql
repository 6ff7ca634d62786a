-- Grain: one row per choice of 镇街 and kind of reader: the town it means. 最低分 is the town with the
-- lowest score of the newest month that the reader may see.
with scored as (
    select town.unit_code, town.score_final, unit.name_zh, unit.district_code
    from fct_index as town
    inner join pages.index_month as month
        on month.card = town.card and month.index_version = town.index_version
        and month.period_start = town.period_start and month.period = '最新'
    inner join dim_unit as unit on unit.unit_level = 'town' and unit.unit_code = town.unit_code
    where town.card = 'TOWN'
)
select name_zh as pick, unit_code, 1 + row_number() over (order by unit_code) as pick_order,
    district_code as scope_code
from scored
union all
select '最低分', arg_min(unit_code, coalesce(score_final, 999)), 1, 'restricted' from scored
union all
select '最低分', arg_min(unit_code, coalesce(score_final, 999)), 1, 'only:' || district_code
from scored group by district_code
