-- C02 场景应用试点推广率(占上线): by domain, city; a stock.
{{ count_ratio('C02', ref('ind_c02_rows'), ['domain', 'city'], ['stock']) }}
