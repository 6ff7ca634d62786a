{{ config(materialized='table') }}
-- What leaves the health zone: cells of districts and the city that hide everybody in them.
{{ declassify(ref('l4_health_counts')) }}
