-- Grain: one row per choice of 区县, kind of reader and department: its standing lights, red ones first.
with standing as (
    select lit.*, coalesce(unit.name_zh, lit.unit_department) as agency, unit.district_code
    from fct_warning as lit
    inner join dim_unit as unit
        on unit.unit_level = 'department' and unit.unit_code = lit.unit_department
    where lit.is_standing and lit.unit_department <> 'unassigned' and lit.light in ('R', 'Y')
        -- What came out of an L4 zone is told by its indicators, hidden cells and all.
        and left(lit.rule_id, 2) not in ('MH', 'YP')
)
select
    viewer.district, standing.agency as agency_text,
    count(*) filter (where light = 'R') as red_n, count(*) filter (where light = 'Y') as yellow_n,
    strftime(min(raised_at), '%Y-%m-%d') as oldest_text,
    string_agg(distinct area_zh, '、' order by area_zh) as areas_text,
    row_number() over (partition by viewer.district, viewer.scope_code
        order by count(*) filter (where light = 'R') desc, count(*) desc, standing.agency) as agency_no,
    viewer.scope_code
from standing
inner join pages.viewer as viewer
    on viewer.of_district is null or standing.district_code = viewer.of_district
    or (viewer.unit_level = 'city' and standing.district_code = '330600')
group by viewer.district, viewer.scope_code, standing.agency
