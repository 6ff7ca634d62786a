-- L04 红灯复核完成率: by department, city; by month of the third workday.
{{ count_ratio('L04', ref('ind_l04_rows'), ['department', 'city'], ['month']) }}
