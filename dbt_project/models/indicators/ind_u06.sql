-- U06 网格事件办结率: by town, district, city; by day and month of the due time.
{{ count_ratio('U06', ref('ind_u06_rows'), ['town', 'district', 'city'], ['day', 'month']) }}
