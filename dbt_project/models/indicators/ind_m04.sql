-- M04 中高风险占比: by district, city; by quarter of the report.
{{ count_ratio('M04', ref('ind_m04_rows'), ['district', 'city'], ['quarter']) }}
