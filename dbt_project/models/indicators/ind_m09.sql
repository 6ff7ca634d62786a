-- M09 征收补偿按期支付率: by town, district, project, city; by month the payment is due. Money over money:
-- numerator and denominator are yuan, population_n is payments.
{{ count_ratio('M09', ref('ind_m09_rows'), ['town', 'district', 'project', 'city'], ['month'], amount='share') }}
