-- M07 公众意见反馈率: by department, district, town, city; by quarter of the 15th day after the consultation.
{{ count_ratio('M07', ref('ind_m07_rows'), ['department', 'district', 'town', 'city'], ['quarter']) }}
