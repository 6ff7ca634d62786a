-- Grain: one row per choice of 区县, kind of reader, choice of 月份, card and reason why a unit has no score.
-- Where all units have one, a row says so.
with seen as (
    select viewer.district, viewer.scope_code, unit.period,
        case unit.card when 'TOWN' then '镇街卡' else '部门卡' end as card_text, unit.why_not_zh, unit.score
    from pages.index_unit as unit
    inner join pages.viewer as viewer
        on viewer.of_district is null or viewer.of_district = unit.district_code
)
select district, scope_code, period, card_text, why_not_zh as why_text, count(*) as units_n
from seen where score is null group by all
union all
select district, scope_code, period, card_text, '全部有分', count(*)
from seen group by district, scope_code, period, card_text having count(*) = count(score)
