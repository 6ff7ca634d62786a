-- Grain: one row per topic, choice of 区县, choice of 时段 and item: how many events, zero included.
-- 最新 is the last twelve months. A stock (month is null) stands for every period, and what is of
-- the whole city alone (district *) under every choice.
with part as (
    select * exclude (scope_code) from pages.tally_police
    union all select * exclude (scope_code) from pages.tally_law
    union all select * exclude (scope_code) from pages.tally_city
),
item as (
    select topic, item_no, item, bool_or(district_code = '*') as is_citywide,
        bool_and(month is null) as is_stock
    from part group by topic, item_no, item
),
period as (
    select distinct period from pages.period
),
counted as (
    select topic, item_no, district_code, strftime(month, '%Y年%m月') as period, sum(events_n) as events_n
    from part where month is not null group by all
    union all
    select topic, item_no, district_code, '最新', sum(events_n)
    from part
    where month >= date_trunc('month', timestamp '{as_of}' - interval 12 month)
    group by all
    union all
    select topic, item_no, district_code, '*', sum(events_n) from part where month is null group by all
),
place as (
    select district, scope_code, unit_level, unit_code from pages.scope where unit_level in ('city', 'district')
),
-- Under which choices of 区县 a count stands; summed before the periods multiply it.
placed as (
    select counted.topic, counted.item_no, counted.period, place.district, sum(counted.events_n) as events_n
    from counted
    inner join item using (topic, item_no)
    inner join place
        on place.unit_level = 'city' or item.is_citywide or counted.district_code = place.unit_code
    group by all
)
select place.district, period.period, item.topic, item.item_no, item.item,
    coalesce(placed.events_n, 0) as events_n, place.scope_code
from item
cross join place
cross join period
left join placed
    on placed.topic = item.topic and placed.item_no = item.item_no and placed.district = place.district
    and placed.period = case when item.is_stock then '*' else period.period end
