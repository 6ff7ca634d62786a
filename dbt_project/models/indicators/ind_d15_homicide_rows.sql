-- D15#homicide, population: as of D15; value: 1 if the crime was a homicide (kind 1).
select
    row_key, period_date, unit_town, unit_district, is_homicide as value, is_open, event_time, crime_kind,
    _delivery_id, _source_row
from {{ ref('ind_d15_rows') }}
