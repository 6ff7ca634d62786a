-- One row per version of a risk assessment report (P07) dated by as_of.
select
    report_id, decision_id, project_code, report_version, risk_level, assessor_uscc, report_date,
    case when filed_date <= {{ as_of_date() }} then filed_date end as filed_date,
    conclusion, region_code, _delivery_id, _source_row, _valid_from, _month
from {{ ref('stg_p07_risk_assessment_report') }}
where report_date <= {{ as_of_date() }}
