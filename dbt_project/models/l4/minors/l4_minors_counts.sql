-- The zone's own counts, whole: they never leave it.
select * from (
    {{ count_ratio('Y05', ref('ind_y05_rows'), ['district', 'city'], ['month']) }}
) as y05
union all
select * from (
    {{ count_ratio('Y06', ref('ind_y06_rows'), ['district', 'city'], ['half_year']) }}
) as y06
