-- D04 信访参评率: by department, town, district, city; by month of the 30th day after closing.
{{ count_ratio('D04', ref('ind_d04_rows'), ['department', 'town', 'district', 'city'], ['month']) }}
