-- One row per finding about police conduct (F22), its latest state; never the officer.
select
    finding_id, found_date, issue_type, severity, unit_code, rectify_due,
    case when rectify_date <= {{ as_of_date() }} then rectify_date end as rectify_date,
    result, region_code,
    _delivery_id, _source_row, _valid_from, _month
from {{ ref('stg_f22_police_law_supervision') }}
where found_date <= {{ as_of_date() }}
