-- K01 重点场所月巡查覆盖率: by town, district, city; by planned month.
{{ count_ratio('K01', ref('ind_k01_rows'), ['town', 'district', 'city'], ['month']) }}
