-- K03 重大隐患存量: by department, town, district, city; a stock, counted.
{{ count_ratio('K03', ref('ind_k03_rows'), ['department', 'town', 'district', 'city'], ['stock'], is_count=true) }}
