-- Q03 质量规则通过率: by feed, department, city; by day and month of the run.
{{ count_ratio('Q03', ref('ind_q03_rows'), ['feed', 'department', 'city'], ['day', 'month']) }}
