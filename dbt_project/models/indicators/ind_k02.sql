-- K02 隐患按期整改率: by department, town, district, city; by month of the deadline.
{{ count_ratio('K02', ref('ind_k02_rows'), ['department', 'town', 'district', 'city'], ['month']) }}
