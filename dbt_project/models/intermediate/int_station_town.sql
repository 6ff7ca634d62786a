-- Station -> the town units it serves, numbered (reading "P06": a station serving several towns
-- counts in each; spread_no 1 stands for the station itself).
select
    station_code, unit_town,
    row_number() over (partition by station_code order by unit_town) as spread_no
from (
    select distinct division.station_code, unit.unit_town
    from {{ ref('int_division') }} as division
    inner join {{ ref('int_town_unit') }} as unit on unit.town_code = division.town_code
    where division.unit_level = '3' and division.station_code is not null
) as served
