-- E06 协作事项在线办理率: by district, city; by month of the asking.
{{ count_ratio('E06', ref('ind_e06_rows'), ['district', 'city'], ['month']) }}
