{{ config(materialized='table') }}
-- What leaves the health zone: cells of districts and the city that hide everybody in them, and the
-- published totals of the whole city.
select * from (
    {{ declassify(ref('l4_health_counts')) }}
) as cell
union all
select * from (
    {{ declassify_totals(ref('l4_health_totals')) }}
) as total
