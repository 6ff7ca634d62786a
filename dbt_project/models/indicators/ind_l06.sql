-- L06 移送及时率: by department, city; by month of the approval or of the third day after the report.
{{ count_ratio('L06', ref('ind_l06_rows'), ['department', 'city'], ['month']) }}
