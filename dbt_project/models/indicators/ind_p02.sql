-- P02 处警到场及时率: by station, town, district, city; by day and month of the dispatch.
{{ count_ratio('P02', ref('ind_p02_rows'), ['station', 'town', 'district', 'city'], ['day', 'month']) }}
