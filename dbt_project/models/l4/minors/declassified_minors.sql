{{ config(materialized='table') }}
-- What leaves the minors' zone: cells of districts and the city that hide everybody in them.
{{ declassify(ref('l4_minors_counts')) }}
