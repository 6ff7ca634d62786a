-- P03 非警务警情占比: by district, town, city; by month of the call.
{{ count_ratio('P03', ref('ind_p03_rows'), ['district', 'town', 'city'], ['month']) }}
