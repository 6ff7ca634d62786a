-- L08 移送立案率: by department, city; by quarter of the decision.
{{ count_ratio('L08', ref('ind_l08_rows'), ['department', 'city'], ['quarter']) }}
