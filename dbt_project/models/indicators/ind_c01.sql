-- C01 场景应用上线率: by domain, district, city; a stock.
{{ count_ratio('C01', ref('ind_c01_rows'), ['domain', 'district', 'city'], ['stock']) }}
