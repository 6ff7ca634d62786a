-- M01 稳评应评尽评率: by department, district, town, city; by month of the decision.
{{ count_ratio('M01', ref('ind_m01_rows'), ['department', 'district', 'town', 'city'], ['month']) }}
