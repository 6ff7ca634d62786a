-- P09 作战指令签收反馈及时率: by unit, department, district, city; by day and month of the feedback's due time.
{{ count_ratio('P09', ref('ind_p09_rows'), ['unit', 'department', 'district', 'city'], ['day', 'month']) }}
