-- Z05 高等级预警见面劝阻及时率: by town, district, city; by day and month of the due time.
{{ count_ratio('Z05', ref('ind_z05_rows'), ['town', 'district', 'city'], ['day', 'month']) }}
