-- P10, population: findings about police conduct that were not found to be untrue (result 3), by
-- their rectification deadline (period date); numerator: rectified by 24:00 of that day. Reading 17:
-- done before the deadline counts at once, an open finding enters when its deadline passes.
select
    finding.finding_id as row_key,
    finding.rectify_due as period_date,
    finding.unit_code as unit_unit,
    {{ unit_region_column('finding.region_code') }},
    case when finding.rectify_date <= finding.rectify_due then 1 else 0 end as is_numerator,
    case when finding.rectify_due < {{ as_of_date() }} or finding.rectify_date <= finding.rectify_due
        then 1 else 0 end as is_denominator,
    case when finding.rectify_date is null then 1 else 0 end as is_open,
    finding.found_date, finding.rectify_due, finding.rectify_date, finding.issue_type,
    finding.severity, finding.result,
    finding._delivery_id, finding._source_row
from {{ ref('fct_police_finding') }} as finding
{{ unit_region_join('finding.region_code') }}
where coalesce(finding.result, '-') <> '3'
