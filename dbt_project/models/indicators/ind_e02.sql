-- E02 执行标的到位率: by court, district, city; by month of the closing. Money over money.
{{ count_ratio('E02', ref('ind_e02_rows'), ['court', 'district', 'city'], ['month'], amount='share') }}
