-- L09 行政处罚90日办结率: by department, town, district, city; by month of the 90th day.
{{ count_ratio('L09', ref('ind_l09_rows'), ['department', 'town', 'district', 'city'], ['month']) }}
