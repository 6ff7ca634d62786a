-- U01 城管案卷按期处置率: by department, town, district, city; by day and month of the deadline.
{{ count_ratio('U01', ref('ind_u01_rows'), ['department', 'town', 'district', 'city'], ['day', 'month']) }}
