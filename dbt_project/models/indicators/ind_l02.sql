-- L02 红灯率: by department, enforcement domain, district, city; by month of filing and to date.
{{ count_ratio('L02', ref('ind_l02_rows'), ['department', 'enforcement_domain', 'district', 'city'], ['month', 'to_date'], by_window=true) }}
