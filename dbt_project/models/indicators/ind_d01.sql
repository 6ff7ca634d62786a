-- D01 信访按期受理告知率: by department, town, district, city; by month of the 15th day after registration.
{{ count_ratio('D01', ref('ind_d01_rows'), ['department', 'town', 'district', 'city'], ['month']) }}
