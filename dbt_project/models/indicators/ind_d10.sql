-- D10 纠纷回流率: by department, town, district, city; by month of the 90th day after closing.
{{ count_ratio('D10', ref('ind_d10_rows'), ['department', 'town', 'district', 'city'], ['month']) }}
