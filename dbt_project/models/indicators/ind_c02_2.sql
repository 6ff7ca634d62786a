-- C02#2 场景应用试点推广率(占入库): by domain, city; a stock.
{{ count_ratio('C02#2', ref('ind_c02_2_rows'), ['domain', 'city'], ['stock']) }}
