-- One row per measure against a risk point (P08) of an assessment report.
select
    risk_point_id, report_id, measure_org_code, measure_due,
    case when measure_done <= {{ as_of_date() }} then measure_done end as measure_done,
    _delivery_id, _source_row
from {{ ref('stg_p08_risk_point_measure') }}
