-- The zone's own counts, whole: they never leave it.
select * from (
    {{ count_ratio('H02', ref('ind_h02_rows'), ['district', 'city'], ['stock']) }}
) as h02
union all
select * from (
    {{ count_ratio('H04', ref('ind_h04_rows'), ['district', 'city'], ['month']) }}
) as h04
