-- M08 低风险结论回溯失准率: by district, city; by year of the 365th day after filing. population_n: low-risk
-- reports, followable or not; population_n - denominator are those without a project, shown beside it.
{{ count_ratio('M08', ref('ind_m08_rows'), ['district', 'city'], ['year'], population='is_low') }}
