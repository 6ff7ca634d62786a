-- Grain: one row per choice of 区县, kind of reader, choice of 月份 and town: its score, the lowest first.
select
    viewer.district, town.* exclude (card, district_code, score, peer_score, scope_code),
    case when town.score is null or town.light_text <> '● 绿' then town.reason_text else '' end as why_text,
    row_number() over (partition by viewer.district, viewer.scope_code, town.period order by town.unit_order)
        as place_no,
    viewer.scope_code
from pages.index_unit as town
inner join pages.viewer as viewer
    on viewer.of_district is null or viewer.of_district = town.district_code
where town.card = 'TOWN'
