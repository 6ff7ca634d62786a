-- D05 初次信访一次办结率: by department, town, district, city; by month of the 90th day after closing.
{{ count_ratio('D05', ref('ind_d05_rows'), ['department', 'town', 'district', 'city'], ['month']) }}
