-- D11 村社镇街化解占比: by town, district, city; by month of closing.
{{ count_ratio('D11', ref('ind_d11_rows'), ['town', 'district', 'city'], ['month']) }}
