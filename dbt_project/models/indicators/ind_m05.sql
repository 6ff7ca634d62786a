-- M05 风险措施按期落实率: by department, district, town, city; by month the measure is due.
{{ count_ratio('M05', ref('ind_m05_rows'), ['department', 'district', 'town', 'city'], ['month']) }}
