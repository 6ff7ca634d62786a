-- P07 不满意工单按期整改率: by station, department, city; by month of the order's due time.
{{ count_ratio('P07', ref('ind_p07_rows'), ['station', 'department', 'city'], ['month']) }}
