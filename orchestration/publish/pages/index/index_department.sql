-- Grain: one row per choice of 区县, kind of reader, choice of 月份 and department: its card, which measures
-- process only and is never mixed with the towns', the lowest first.
with part as (
    select index_version, unit_code, period_start,
        max(score) filter (where dim_code = 'B1') as on_time, max(score) filter (where dim_code = 'B2') as quality,
        max(score) filter (where dim_code = 'B3') as decisions, max(score) filter (where dim_code = 'B4') as data
    from fct_index_dimension where card = 'DEPT' group by all
)
select
    viewer.district, unit.* exclude (card, district_code, score, peer_score, scope_code),
    coalesce(printf('%.1f', part.on_time), '—') as on_time_text,
    coalesce(printf('%.1f', part.quality), '—') as quality_text,
    coalesce(printf('%.1f', part.decisions), '—') as decisions_text,
    coalesce(printf('%.1f', part.data), '—') as data_text,
    row_number() over (partition by viewer.district, viewer.scope_code, unit.period order by unit.unit_order)
        as place_no,
    viewer.scope_code
from pages.index_unit as unit
inner join pages.viewer as viewer
    on viewer.of_district is null or viewer.of_district = unit.district_code
    or (viewer.unit_level = 'city' and unit.district_code = '{city_code}')
left join part
    on part.index_version = unit.index_version and part.unit_code = unit.unit_code
    and part.period_start = unit.period_start
where unit.card = 'DEPT'
