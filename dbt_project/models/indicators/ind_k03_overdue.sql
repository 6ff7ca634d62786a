-- K03#overdue 重大隐患逾期未销存量: by department, town, district, city; a stock, counted.
{{ count_ratio('K03#overdue', ref('ind_k03_overdue_rows'), ['department', 'town', 'district', 'city'], ['stock'], is_count=true) }}
