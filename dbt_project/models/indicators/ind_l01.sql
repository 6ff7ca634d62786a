-- L01 两法衔接汇聚案件数: by department, enforcement domain, district, city; by day of filing and to date.
{{ count_ratio('L01', ref('ind_l01_rows'), ['department', 'enforcement_domain', 'district', 'city'], ['day', 'to_date'], is_count=true) }}
