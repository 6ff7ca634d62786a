-- Grain: one row per place, the city first: standing lights by area of the rule, red / yellow. A feed has no
-- district: its lights are the city's.
with counted as (
    select district, scope_code, left(rule_id, 2) as area,
        coalesce(sum(lights_n) filter (where light = 'R'), 0) as red_n,
        coalesce(sum(lights_n) filter (where light = 'Y'), 0) as yellow_n
    from pages.light where is_standing group by all
),
told as (
    select district, scope_code, area,
        case when red_n > 0 then '■ ' when yellow_n > 0 then '▲ ' else '● ' end
            || format('{:,} / {:,}', red_n::bigint, yellow_n::bigint) as words
    from counted
)
select
    place.district as place, place.district_order as place_order,
    coalesce(max(words) filter (where area = 'XL'), '● 0 / 0') as xl,
    coalesce(max(words) filter (where area = 'DM'), '● 0 / 0') as dm,
    coalesce(max(words) filter (where area = 'RD'), '● 0 / 0') as rd,
    coalesce(max(words) filter (where area = 'PT'), '● 0 / 0') as pt,
    coalesce(max(words) filter (where area = 'EC'), '● 0 / 0') as ec,
    coalesce(max(words) filter (where area = 'PS'), '● 0 / 0') as ps,
    coalesce(max(words) filter (where area = 'CM'), '● 0 / 0') as cm,
    case when place.unit_level = 'city' then coalesce(max(words) filter (where area = 'DQ'), '● 0 / 0')
        else '—' end as dq,
    place.scope_code
from pages.scope as place
left join told using (district, scope_code)
where place.unit_level in ('city', 'district')
group by place.district, place.district_order, place.unit_level, place.scope_code
