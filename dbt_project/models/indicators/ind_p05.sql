-- P05 民意感知覆盖率: by station, kind, city; by day and month of the service.
{{ count_ratio('P05', ref('ind_p05_rows'), ['station', 'kind', 'city'], ['day', 'month']) }}
