-- U05 综合查一次实施率: by department, town, district, city; by month of the visit.
{{ count_ratio('U05', ref('ind_u05_rows'), ['department', 'town', 'district', 'city'], ['month']) }}
