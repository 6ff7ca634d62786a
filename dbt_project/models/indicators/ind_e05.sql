-- E05 执行协作按期办结率: by department, matter, district, city; by month of the due time.
{{ count_ratio('E05', ref('ind_e05_rows'), ['department', 'matter', 'district', 'city'], ['month']) }}
