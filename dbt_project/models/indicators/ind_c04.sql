-- C04 省S1试点子场景数: city; a stock, counted.
{{ count_ratio('C04', ref('ind_c04_rows'), ['city'], ['stock'], is_count=true) }}
