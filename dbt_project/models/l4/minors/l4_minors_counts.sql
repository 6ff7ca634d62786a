-- The zone's own counts, whole: they never leave it.
{{ count_ratio('Y05', ref('ind_y05_rows'), ['district', 'city'], ['month']) }}
