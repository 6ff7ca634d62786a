-- E02#median 执行标的到位率(按案中位数): by court, district, city; by month of the closing.
{{ count_median('E02#median', ref('ind_e02_median_rows'), none, ['court', 'district', 'city']) }}
