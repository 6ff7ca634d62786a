-- M02 先评后决合规率: by department, district, town, city; by month of the decision.
{{ count_ratio('M02', ref('ind_m02_rows'), ['department', 'district', 'town', 'city'], ['month']) }}
