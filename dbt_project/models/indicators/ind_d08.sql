-- D08 12345解决率: by department, town, district, city; by month of the callback. population_n: tickets
-- called, reached or not: denominator / population_n is the reach rate, shown beside the value.
{{ count_ratio('D08', ref('ind_d08_rows'), ['department', 'town', 'district', 'city'], ['month'],
    population='is_called') }}
