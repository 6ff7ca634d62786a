-- One row per version of a decision's risk report (P07), with the day from which a newer version takes
-- its place: the latest version is the greatest report_version known at as_of.
select
    report.report_id, report.decision_id, report.project_code, report.report_version, report.risk_level,
    report.report_date,
    min(newer.report_date) as replaced_date,
    report._delivery_id, report._source_row
from {{ ref('fct_risk_report') }} as report
left join {{ ref('fct_risk_report') }} as newer
    on newer.decision_id = report.decision_id and newer.report_version > report.report_version
group by all
