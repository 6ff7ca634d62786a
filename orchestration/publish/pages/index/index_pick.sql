-- Grain: one row per choice of 区县, kind of reader and choice of 镇街: the town it means. 最低分 is the town
-- with the lowest score that the reader may see.
with scored as (
    select town.unit_code, town.score, town.period_start, town.index_version, unit.name_zh, unit.district_code
    from fct_index as town
    inner join dim_unit as unit on unit.unit_level = 'town' and unit.unit_code = town.unit_code
    where town.card = 'TOWN' and town.is_official
    qualify town.period_start = max(town.period_start) over ()
),
seen as (
    select viewer.district, viewer.scope_code, scored.*
    from scored
    inner join pages.viewer as viewer
        on viewer.of_district is null or scored.district_code = viewer.of_district
)
select district, name_zh as pick, unit_code, period_start, index_version, scope_code,
    1 + row_number() over (partition by district, scope_code order by unit_code) as pick_order
from seen
union all
select district, '最低分', arg_min(unit_code, coalesce(score, 999)), any_value(period_start),
    any_value(index_version), scope_code, 1
from seen group by district, scope_code
