-- M04, population: decisions reported on in the quarter, each by the latest version known at the
-- quarter's end or as_of (period date = date of that version); numerator: it says medium or high risk.
select
    report.report_id as row_key,
    report.report_date as period_date,
    {{ unit_region_column('report.region_code') }},
    case when report.risk_level in ('H', 'M') then 1 else 0 end as is_numerator,
    1 as is_denominator,
    0 as is_open,
    report.report_version, report.risk_level, report.conclusion,
    report._delivery_id, report._source_row
from (
    select
        *,
        -- Versions of earlier quarters are known too: one of them may be the later version.
        max(report_version) over (
            partition by decision_id order by {{ period_start('quarter', 'report_date') }}) as last_version,
        row_number() over (
            partition by decision_id, {{ period_start('quarter', 'report_date') }}
            order by report_version desc, report_id desc) as recency
    from {{ ref('fct_risk_report') }}
) as report
{{ unit_region_join('report.region_code') }}
where report.recency = 1 and report.report_version = report.last_version
