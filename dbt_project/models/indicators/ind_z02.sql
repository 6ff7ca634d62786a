-- Z02 电诈案损同比: by district, city; by month and by year to date. Money over money; nothing reported
-- a year earlier: no value.
{{ count_ratio('Z02', ref('ind_z02_rows'), ['district', 'city'], ['month', 'ytd'], by_window=true,
    population='is_member', amount='change') }}
