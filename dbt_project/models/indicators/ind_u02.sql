-- U02 城管结案率: by department, town, district, city; by month of the deadline.
{{ count_ratio('U02', ref('ind_u02_rows'), ['department', 'town', 'district', 'city'], ['month']) }}
