-- Q01 数据到达及时率: by feed, department, city; by day and month of the due time.
{{ count_ratio('Q01', ref('ind_q01_rows'), ['feed', 'department', 'city'], ['day', 'month']) }}
