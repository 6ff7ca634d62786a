-- Grain: one row per source system: its categories of the 48, each with the state of its last
-- delivery, in columns of ten.
with category as (
    select system.system_zh, system.feed_code, unit.name_zh,
        row_number() over (partition by system.system_zh order by system.feed_code) as column_no,
        min(system.feed_code) over (partition by system.system_zh) as first_code,
        left(coalesce(fresh.status_text, '○'), 1) as shape
    from category_system as system
    left join dim_unit as unit on unit.unit_level = 'feed' and unit.unit_code = system.feed_code
    left join pages.feed_freshness as fresh on fresh.feed_code = system.feed_code
),
column_of as (
    select system_zh, first_code, count(*) as categories_n, count(*) filter (where shape = '●') as fresh_n,
        map(list(column_no), list(shape || ' ' || coalesce(feed_name(name_zh), feed_code))) as cells
    from category group by all
)
select
    row_number() over (order by first_code) as system_no, system_zh, categories_n, fresh_n,
    printf('%d/%d', fresh_n, categories_n) as fresh_text,
    coalesce(cells[1], '') as c1, coalesce(cells[2], '') as c2, coalesce(cells[3], '') as c3,
    coalesce(cells[4], '') as c4, coalesce(cells[5], '') as c5, coalesce(cells[6], '') as c6,
    coalesce(cells[7], '') as c7, coalesce(cells[8], '') as c8, coalesce(cells[9], '') as c9,
    coalesce(cells[10], '') as c10, 'city' as scope_code
from column_of
