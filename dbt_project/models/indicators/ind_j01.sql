-- J01 监督线索成案率: by model, district, city; by quarter of the review.
{{ count_ratio('J01', ref('ind_j01_rows'), ['model', 'district', 'city'], ['quarter']) }}
