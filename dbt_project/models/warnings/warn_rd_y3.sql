-- RD-Y3, yellow, accumulation: every one of twenty reports or more of one assessor says low risk.
with items as (
    select
        {{ rule_columns() }}, report.assessor_uscc as entity_code,
        {{ midnight('report.report_date') }} as item_at,
        case when report.risk_level = 'L' then 1 else 0 end as part, 1 as whole,
        rule.limit_share as threshold, rule.least_cases as least_n, '%' as measure_zh,
        report._delivery_id, report._source_row
    from {{ ref('fct_risk_report') }} as report
    {{ rule_in_force('RD-Y3', 'report.report_date') }}
    where report.assessor_uscc is not null
)
{{ lights([warning_accumulation(
    'items', 'whole_sum >= least_n and 100 * part_sum >= threshold * whole_sum', '100.0 * part_sum / whole_sum')]) }}
