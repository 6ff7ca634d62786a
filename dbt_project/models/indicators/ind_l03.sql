-- L03 黄灯率: by department, enforcement domain, district, city; by month of filing and to date.
{{ count_ratio('L03', ref('ind_l03_rows'), ['department', 'enforcement_domain', 'district', 'city'], ['month', 'to_date'], by_window=true) }}
