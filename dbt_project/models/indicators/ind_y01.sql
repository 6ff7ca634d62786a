-- Y01 青少年服务覆盖数: by district, city; by month, as sent (the city's total is a row of its own).
{{ count_ratio('Y01', ref('ind_y01_rows'), ['district', 'city'], ['month'], is_count=true, apart=true) }}
