-- Town code as delivered -> the town unit that bears its values (reading 23: a town under 3,000
-- residents counts with the town it is merged into), its district, and the arrival standard of the
-- place itself.
select
    town.town_code,
    coalesce(target.town_code, town.town_code) as unit_town,
    coalesce(target.region_code, town.region_code) as unit_district,
    town.arrive_std_min
from {{ ref('int_division') }} as town
left join {{ ref('int_division') }} as target
    on target.unit_code = town.merge_into_code and target.unit_level = '3'
where town.unit_level = '3'
