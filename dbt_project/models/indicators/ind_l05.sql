-- L05 预警准确率: by rule; by quarter of the review.
{{ count_ratio('L05', ref('ind_l05_rows'), ['rule'], ['quarter']) }}
