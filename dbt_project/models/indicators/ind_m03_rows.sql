-- M03, population: every version of a risk report that says high risk (period date = its date);
-- numerator: it concludes to adjust, to suspend or not to proceed.
select
    report.report_id as row_key,
    report.report_date as period_date,
    {{ unit_region_column('report.region_code') }},
    case when report.conclusion in ('02', '03', '04') then 1 else 0 end as is_numerator,
    1 as is_denominator,
    0 as is_open,
    report.report_version, report.risk_level, report.conclusion,
    report._delivery_id, report._source_row
from {{ ref('fct_risk_report') }} as report
{{ unit_region_join('report.region_code') }}
where report.risk_level = 'H'
