-- P04 非警务警情分流办结率: by department, town, district, city; by month of the due time.
{{ count_ratio('P04', ref('ind_p04_rows'), ['department', 'town', 'district', 'city'], ['month']) }}
