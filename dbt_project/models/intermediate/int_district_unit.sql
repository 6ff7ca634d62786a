-- The districts of R01: what left6(town_code) may name.
select region_code as unit_district
from {{ ref('int_division') }}
where unit_level = '2'
