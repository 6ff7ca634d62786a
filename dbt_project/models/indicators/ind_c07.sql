-- C07 配套改革举措落地率: by department, city; a stock. open_n: measures without a date.
{{ count_ratio('C07', ref('ind_c07_rows'), ['department', 'city'], ['stock']) }}
