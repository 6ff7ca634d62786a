-- Grain: one row per district and part of it: its outline, a JSON list of [lon, lat] (WGS84), without a value or
-- a name. It is geography, and everybody's.
select region_code as unit_code, part_no, ring, 'city' as scope_code from seed_district_boundary
