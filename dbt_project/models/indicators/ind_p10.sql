-- P10 执法问题整改率: by unit, district, city; by month of the rectification deadline.
{{ count_ratio('P10', ref('ind_p10_rows'), ['unit', 'district', 'city'], ['month']) }}
