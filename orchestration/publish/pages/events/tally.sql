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
    select topic, item_no, district_code, null, sum(events_n) from part where month is null group by all
),
choice as (
    select scope.district, scope.scope_code, scope.unit_level, scope.unit_code, period.period
    from pages.scope as scope cross join period
    where scope.unit_level in ('city', 'district')
)
select choice.district, choice.period, item.topic, item.item_no, item.item,
    coalesce(sum(counted.events_n), 0) as events_n, choice.scope_code
from item
cross join choice
left join counted
    on counted.topic = item.topic and counted.item_no = item.item_no
    and (item.is_stock or counted.period = choice.period)
    and (choice.unit_level = 'city' or item.is_citywide or counted.district_code = choice.unit_code)
group by choice.district, choice.period, item.topic, item.item_no, item.item, choice.scope_code
