-- Y03 复犯率: city (reading 26); by quarter, the twelve-month cohort that ends with it.
{{ count_ratio('Y03', ref('ind_y03_rows'), ['city'], ['quarter']) }}
