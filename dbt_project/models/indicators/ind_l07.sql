-- L07 公安接受后3日审查率: by district, city; by month of the third day after the acceptance.
{{ count_ratio('L07', ref('ind_l07_rows'), ['district', 'city'], ['month']) }}
