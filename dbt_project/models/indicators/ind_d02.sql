-- D02 信访按期办结率: by department, town, district, city; by month of the deadline.
-- population_n: the extended ones among the denominator; population_n / denominator is the share of
-- extensions, which stands beside the value.
{{ count_ratio('D02', ref('ind_d02_rows'), ['department', 'town', 'district', 'city'], ['month'],
    population='is_extended') }}
