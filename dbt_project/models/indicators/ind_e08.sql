-- E08 拍卖成交到过户天数: by court, district, city; by month of the finish. No transfer finished in the
-- month: no value (never 0); open transfers stand beside it.
{{ count_median('E08', ref('ind_e08_rows'), ref('ind_e08_open'), ['court', 'district', 'city']) }}
