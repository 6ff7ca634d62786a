-- D03 信访评价满意率: by department, town, district, city; by month of the rating.
{{ count_ratio('D03', ref('ind_d03_rows'), ['department', 'town', 'district', 'city'], ['month']) }}
