-- Z03 止付率(金额): by district, city; by month of the report. Money over money.
{{ count_ratio('Z03', ref('ind_z03_rows'), ['district', 'city'], ['month'], amount='share') }}
