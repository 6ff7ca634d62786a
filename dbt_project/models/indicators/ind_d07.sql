-- D07 12345按期办结率: by department, town, district, city; by day and month of the due time.
{{ count_ratio('D07', ref('ind_d07_rows'), ['department', 'town', 'district', 'city'], ['day', 'month']) }}
