-- M06 征求意见期限合规率: by department, district, town, city; by quarter the consultation ends.
{{ count_ratio('M06', ref('ind_m06_rows'), ['department', 'district', 'town', 'city'], ['quarter']) }}
