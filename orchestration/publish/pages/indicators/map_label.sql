-- Grain: one row per district: where its label covers no border and the fewest towns.
-- Borders are drawn over everything, so a label should not cross one; a label may stand beside
-- its district, but not in another one. Candidates lie on a grid around the district's point;
-- half sizes are those of the plate in map_feature, in degrees.
with ring as (
    select region_code, part_no, from_json(ring, '[["DOUBLE"]]') as points
    from seed_district_boundary
),
edge as (
    select region_code, points[i] as a, points[i + 1] as b
    from ring, lateral (select unnest(range(1, len(points))) as i)
),
border_point as (
    -- Every hundredth of a degree, for long straight borders have few corners.
    select a[1] + (b[1] - a[1]) * step / steps_n as lon, a[2] + (b[2] - a[2]) * step / steps_n as lat
    from (
        select a, b, 1 + floor(100 * (abs(b[1] - a[1]) + abs(b[2] - a[2])))::bigint as steps_n
        from edge
    ) as measured, lateral (select unnest(range(steps_n)) as step)
),
candidate as (
    select unit_code, round(lon + x * 0.02, 4) as lon, round(lat + y * 0.02, 4) as lat,
        sqrt(x * x + y * y) as steps_n,
        0.088 / cos(radians(lat)) as half_width_deg, 0.060 as half_height_deg
    from dim_unit, range(-9, 10) as across (x), range(-9, 10) as up (y)
    where unit_level = 'district' and lon is not null
),
corner as (
    select unit_code, lon, lat, lon + right_n * half_width_deg as corner_lon,
        lat - 0.006 + up_n * half_height_deg as corner_lat
    from candidate, (values (-1, -1), (-1, 1), (1, -1), (1, 1)) as side (right_n, up_n)
),
within as (
    -- A ray to the east crosses the boundary an odd number of times from inside.
    select corner.unit_code, lon, lat, edge.region_code
    from corner
    inner join edge
        on (edge.a[2] > corner_lat) <> (edge.b[2] > corner_lat)
        and corner_lon < edge.a[1] + (corner_lat - edge.a[2]) * (edge.b[1] - edge.a[1])
            / (edge.b[2] - edge.a[2])
    group by corner.unit_code, lon, lat, corner_lon, corner_lat, edge.region_code
    having count(*) % 2 = 1
),
place as (
    select unit_code, lon, lat, count(*) filter (where region_code = unit_code) as own_corners_n,
        count(*) filter (where region_code <> unit_code) as other_corners_n
    from within group by all
),
border as (
    select candidate.unit_code, candidate.lon, candidate.lat, count(*) as points_n
    from candidate
    inner join border_point as point
        on abs(point.lon - candidate.lon) < half_width_deg
        and abs(point.lat - candidate.lat + 0.006) < half_height_deg
    group by all
),
town as (
    select candidate.unit_code, candidate.lon, candidate.lat, count(*) as towns_n
    from candidate
    inner join dim_unit as town
        on town.unit_level = 'town'
        and abs(town.lon - candidate.lon) < half_width_deg + 0.016
        and abs(town.lat - candidate.lat + 0.006) < half_height_deg + 0.016
    group by all
)
select unit_code, lon, lat, coalesce(towns_n, 0) as towns_n, coalesce(points_n, 0) as border_points_n,
    coalesce(own_corners_n, 0) as own_corners_n, coalesce(other_corners_n, 0) as other_corners_n
from candidate
left join place using (unit_code, lon, lat)
left join border using (unit_code, lon, lat)
left join town using (unit_code, lon, lat)
qualify row_number() over (partition by unit_code order by
    2 * coalesce(towns_n, 0) + least(12, coalesce(points_n, 0)) + 4 * coalesce(other_corners_n, 0)
        + 2 * (4 - coalesce(own_corners_n, 0)) + 0.35 * steps_n, lon, lat) = 1
