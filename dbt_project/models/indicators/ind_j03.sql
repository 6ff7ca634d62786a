-- J03 检察建议按期回复采纳率: by receiving department, district, city; by quarter of the deadline.
{{ count_ratio('J03', ref('ind_j03_rows'), ['department', 'district', 'city'], ['quarter']) }}
