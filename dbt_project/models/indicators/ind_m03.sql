-- M03 高风险暂缓或调整率: by district, city; by quarter of the report.
{{ count_ratio('M03', ref('ind_m03_rows'), ['district', 'city'], ['quarter']) }}
