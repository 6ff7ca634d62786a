-- E03 执行法定期限内结案率: by court, district, city; by month of the closing or of the deadline.
{{ count_ratio('E03', ref('ind_e03_rows'), ['court', 'district', 'city'], ['month']) }}
