-- E01 首执案件执行完毕率: by court, district, city; by month of the closing.
{{ count_ratio('E01', ref('ind_e01_rows'), ['court', 'district', 'city'], ['month']) }}
