{{ config(materialized='table') }}
-- The zone's own counts, whole: they never leave it.
select * from (
    {{ count_ratio('Y05', ref('ind_y05_rows'), ['district', 'city'], ['month']) }}
) as y05
union all
select * from (
    {{ count_ratio('Y06', ref('ind_y06_rows'), ['district', 'city'], ['half_year']) }}
) as y06
-- Not indicators, but counts of quarters that an audit light is judged by (YP-Q1), through the same door.
{% for ground in ['a', 'b'] %}
union all
select * from (
    {{ count_ratio('YP-Q1#' ~ ground, ref('yp_q1_' ~ ground ~ '_rows'), ['district', 'city'], ['quarter']) }}
) as counted_{{ ground }}
{% endfor %}
