-- C05 县级揭榜项目承接占比: city; as the register stands at as_of. denominator: what the list states.
{{ count_ratio('C05', ref('ind_c05_rows'), ['city'], ['stock']) }}
