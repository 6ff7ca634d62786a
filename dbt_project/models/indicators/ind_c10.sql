-- C10 平安任务按期完成率: by unit, district, city; by month of the deadline.
{{ count_ratio('C10', ref('ind_c10_rows'), ['unit', 'district', 'city'], ['month']) }}
